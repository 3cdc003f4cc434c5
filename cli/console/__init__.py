"""`arbiter console`."""
