"""Reads of the installation itself: what is measured, what was written about it."""
