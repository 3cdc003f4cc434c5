"""Constructs that every stack uses: buckets, functions, state machines, trust."""
