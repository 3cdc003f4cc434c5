"""The edge: an API, its keys and its firewall."""
