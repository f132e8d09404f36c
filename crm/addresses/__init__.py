"""Email addresses as administrators see them: the list, the flags of many at once, suppressions, export, removal."""
