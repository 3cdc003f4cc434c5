"""The text of documents that are no plain text, as far as it takes to find secrets in them."""
