"""Combinations of settings that are refused, each with its reason."""
