"""The lists of administration and of what belongs to everybody: each module builds the ListPage of one subject."""
