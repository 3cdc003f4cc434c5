"""Secrets and personal data found by libraries kept for it; the only package that imports them."""
