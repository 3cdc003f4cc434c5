"""`arbiter keys`: who may call the API, for which modes, over which documents, for how much."""
