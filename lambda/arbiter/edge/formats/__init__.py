"""The formats of the edge: Arbiter's own, chat completions and responses, each read into a request and written back."""
