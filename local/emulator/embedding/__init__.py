"""Embeddings of texts: words and a small sentence encoder."""
