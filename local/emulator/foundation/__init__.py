"""Foundation models: which there are, and who may call them."""
