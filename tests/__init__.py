"""Tests that cut across packages: architecture, browser journeys, API fuzzing. A feature's own tests live in it."""
