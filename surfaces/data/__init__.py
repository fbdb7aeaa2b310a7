"""What networks learn from: samples made, bundled, read from files or objects, and split."""
