"""An optimizer against a reference: the table of cells, the runs in them, and how they are compared."""
