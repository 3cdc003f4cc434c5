"""Verdicts of judges: prompts, parsing, pairs and blinding."""
