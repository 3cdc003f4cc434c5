"""`arbiter train`."""
