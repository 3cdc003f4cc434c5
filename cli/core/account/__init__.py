"""The person's own way to AWS."""
