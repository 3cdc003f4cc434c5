"""Tuned models: their training, their hosting, and which one is in service."""
