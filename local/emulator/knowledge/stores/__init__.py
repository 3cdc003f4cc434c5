"""Stores that are kept here: that of AWS behind managed knowledge bases, and those that others run."""
