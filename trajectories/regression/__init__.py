"""Is it still the same: differences of recordings, how they grew, tolerances and goldens; NumPy only."""
