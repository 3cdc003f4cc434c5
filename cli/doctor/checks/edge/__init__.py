"""Checks of the API's surroundings."""
