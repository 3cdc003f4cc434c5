"""`arbiter cost`: the price book."""
