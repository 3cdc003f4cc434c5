"""The two questions of `auto`, scored from profiles of the knowledge base and of the tuned model: pure, no network."""
