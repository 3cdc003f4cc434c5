"""Bedrock's own evaluation jobs beside Arbiter's judges."""
