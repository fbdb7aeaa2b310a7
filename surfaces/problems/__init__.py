"""Losses of many parameters and of nothing else: matrices, and surfaces in n dimensions."""
