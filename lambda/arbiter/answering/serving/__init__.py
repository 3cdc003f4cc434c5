"""Serving requests: an invocation in, an answer or an error object out, and one line in the log."""
