"""Optimizers, schedules and learning rates, as text and as frozen data; no NumPy."""
