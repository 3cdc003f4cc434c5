"""Hosting of tuned models: placement, readiness, expiry and retirement."""
