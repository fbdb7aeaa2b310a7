"""What users ask for: record, sweep, basins, tuned rates, and the same again."""
