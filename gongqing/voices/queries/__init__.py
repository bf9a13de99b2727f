"""Reads of shared needs and of what is like a case."""
