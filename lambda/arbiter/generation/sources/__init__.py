"""Source documents of generation: read, cut into passages, and given a share of the pairs."""
