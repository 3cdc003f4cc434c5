"""Constructs of operations: alarms and dashboard."""
