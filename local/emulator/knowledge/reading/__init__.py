"""How a document is read: parsed, cut into chunks, and these given to a function."""
