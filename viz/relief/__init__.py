"""The landscape from the side, with what hides what."""
