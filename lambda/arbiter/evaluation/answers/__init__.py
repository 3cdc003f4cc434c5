"""Answers of an evaluation run."""
