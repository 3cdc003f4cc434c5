"""Records of a run as numbers, and the statistics over them."""
