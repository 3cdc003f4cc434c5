"""Feedback, kept for a time."""
