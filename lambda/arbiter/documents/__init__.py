"""Documents of the knowledge base and their ingestion."""
