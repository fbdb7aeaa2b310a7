"""The landscape from above: bands, paths, exits and arrows."""
