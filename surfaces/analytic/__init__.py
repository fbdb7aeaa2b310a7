"""Surfaces with a formula: one module a family, `get`, and the parser of formulas given as text."""
