"""Constructs of training: functions, pipeline, gate, hosting and retirement."""
