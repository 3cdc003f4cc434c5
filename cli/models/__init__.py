"""`arbiter model`."""
