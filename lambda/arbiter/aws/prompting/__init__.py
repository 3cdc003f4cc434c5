"""The owner's prompts, as they are kept."""
