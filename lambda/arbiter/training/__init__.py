"""Training data and training runs: checked, converted, named."""
