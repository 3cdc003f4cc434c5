"""Tokens of an OpenID Connect issuer: who bears one, and what its claims bind."""
