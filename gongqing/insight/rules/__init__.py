"""What is counted, over which days, and who reads it? Pure."""
