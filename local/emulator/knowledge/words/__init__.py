"""Texts searched by their words."""
