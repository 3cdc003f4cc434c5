"""Knowledge bases: ingestion, retrieval and S3 Vectors."""
