"""`arbiter local`: the local AWS and the demonstration."""
