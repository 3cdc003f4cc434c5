"""What the stacks are made of: one module a concept."""
