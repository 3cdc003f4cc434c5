"""Measurements and prices read from files, folders and deployments, in place of answers."""
