"""The checks: each a look at one part, its findings decided by pure functions."""
