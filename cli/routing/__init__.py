"""`arbiter route`."""
