"""Networks with data and loss as targets, and planes through their weights."""
