"""`arbiter train generate` and `arbiter evaluate generate`."""
