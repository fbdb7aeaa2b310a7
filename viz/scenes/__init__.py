"""What to draw, as frozen data: scenes, wishes, panels, timing, vectors; no matplotlib."""
