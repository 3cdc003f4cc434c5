"""Searching by words and by meaning at once; loaded only where that is asked for."""
