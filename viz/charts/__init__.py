"""Numbers against steps, data and weights: losses, rates, fits, gradients, curves."""
