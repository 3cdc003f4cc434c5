"""Planning of an evaluation run: its checks and its estimate."""
