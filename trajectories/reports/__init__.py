"""Results as tables, JSON and CSV; NumPy only."""
