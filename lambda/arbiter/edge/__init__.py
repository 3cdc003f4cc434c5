"""The edge: the answering path for clients that exist, with keys, budgets that hold and OpenAI's formats."""
