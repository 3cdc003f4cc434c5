"""The constructs of the stacks: one module a concept."""
