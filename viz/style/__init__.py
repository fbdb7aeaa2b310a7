"""How pictures look: themes, colours, measures, numbers in writing; no matplotlib but for style sheets."""
