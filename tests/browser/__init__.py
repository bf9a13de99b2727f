"""Journeys through the real platform in a real Chromium, one a file."""
