"""Servers of real language models in place of the stand-in."""
