"""Files: formats, encoders, the player, limits of size, and recipes read back."""
