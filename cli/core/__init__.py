"""The base of every command: deployment, calls, progress, output and errors."""
