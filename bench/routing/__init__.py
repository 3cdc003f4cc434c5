"""Fits the coefficients and marks of the two heads, and reports how they do on what they were not fitted on."""
