"""S3 Vectors: buckets and indexes, their filters, and how they are searched."""
