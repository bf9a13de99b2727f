"""What is written as a Word file: the weekly report, with charts that Word itself can edit."""
