"""Constructs of batch inference."""
