"""Runs on problems: losses of many parameters without data, drawn on planes as networks are."""
