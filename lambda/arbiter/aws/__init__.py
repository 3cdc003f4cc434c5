"""Adapters: the only modules that know AWS."""
