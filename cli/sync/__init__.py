"""`arbiter sync`."""
