"""`arbiter doctor`."""
