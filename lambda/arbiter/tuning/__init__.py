"""Tuned models: their runs, their hosting, and which one is in service."""
