"""Readers of training files: rows, tables and conversations become samples."""
