"""Runs of networks: the training loop, the plane of the runs, and what panels show."""
