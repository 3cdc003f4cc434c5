"""`arbiter feedback`."""
