"""How moments are written where Django's own way of a language does not suit a table: one module per language."""
