"""`arbiter calibrate`."""
