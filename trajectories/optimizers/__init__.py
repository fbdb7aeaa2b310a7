"""What is known of optimizers beside their updates: their two points, what goes around them, averages."""
