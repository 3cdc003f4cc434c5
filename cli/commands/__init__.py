"""The commands of `arbiter`: what a person types, put into the core functions and shown."""
