"""Constructs of the knowledge base: vector store, ingestion, data source."""
