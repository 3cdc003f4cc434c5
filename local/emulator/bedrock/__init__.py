"""Bedrock: models, customization, hosting, batch inference and evaluation jobs."""
