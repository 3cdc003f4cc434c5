"""`arbiter evaluate`."""
