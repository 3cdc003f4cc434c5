"""Arbiter: one answering path with two switches, grounded and specialised."""
