"""Findings, and the situation in which they are made."""
