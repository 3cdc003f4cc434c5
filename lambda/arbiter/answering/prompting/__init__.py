"""The owner's own prompts: examples of good answers and the house prompt, as files and as parts of a prompt."""
