"""Constructs of generation: functions and pipeline."""
