"""What comes out: trajectories, recordings, sweeps and basins, their recipes and files; NumPy only."""
