"""The summary of an evaluation run, and the decisions that rest on it."""
