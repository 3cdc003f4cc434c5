"""Answers of the edge as server-sent events, behind a web server of their own."""
