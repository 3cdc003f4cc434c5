"""The questions about a case, and the answers of one person."""
