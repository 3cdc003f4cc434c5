"""Rules on the text of a sample: reserved words, damage, similarity, sensitive data."""
