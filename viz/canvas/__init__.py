"""Artists that are cheap to move, stages and frames, marks, headings and readouts."""
