"""`arbiter ask`."""
