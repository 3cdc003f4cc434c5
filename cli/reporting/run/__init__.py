"""A run's records as the report reads them."""
