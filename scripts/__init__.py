"""Programs around Herald: `make` runs them."""
