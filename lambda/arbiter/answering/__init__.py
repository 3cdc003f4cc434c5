"""The answering path: one request in, one answer out, in any of the four modes."""
