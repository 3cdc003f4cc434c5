"""The stand-in language model."""
