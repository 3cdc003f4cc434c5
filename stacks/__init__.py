"""The stacks that are deployed: one module each."""
