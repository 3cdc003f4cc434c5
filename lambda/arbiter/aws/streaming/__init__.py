"""Models that are heard while they write."""
