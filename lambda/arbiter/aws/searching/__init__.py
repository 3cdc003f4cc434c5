"""Searching a knowledge base: by meaning, and by words beside it."""
