"""Constructs of evaluation: functions, pipeline, schedule and publication."""
