"""Replies of models as event streams."""
