"""Explorable pages: one file on which readers choose start, rate and optimizers, and see recorded paths."""
