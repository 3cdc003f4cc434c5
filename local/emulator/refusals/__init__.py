"""Requests and resources that AWS refuses when it is asked to make or to change something."""
