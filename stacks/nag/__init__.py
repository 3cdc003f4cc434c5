"""Acknowledged cdk-nag findings, each with its reason."""
