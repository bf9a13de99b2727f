"""Tests of what many workers say."""
