"""Questions and answers made from documents by a model."""
