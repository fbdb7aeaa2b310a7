"""Titles, legends, captions, alt text and fine print; no matplotlib."""
