"""Refusals of single calls that the models of the APIs leave open: conversations, vectors, objects, invocations."""
