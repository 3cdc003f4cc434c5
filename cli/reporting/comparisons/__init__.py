"""Comparisons of a run with another run or with published figures."""
