"""Asking models through Bedrock's batch inference instead of one call after another."""
