"""Where panels stand together: comparison, grid, strip, sweep, basins, difference, legend."""
