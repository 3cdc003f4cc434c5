"""`arbiter tune-retrieval`."""
