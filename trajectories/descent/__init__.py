"""Runs on surfaces: the loop, and many runs as one tensor program."""
