"""Calibrating `auto` on the outcomes of an evaluation run."""
