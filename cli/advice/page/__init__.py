"""The decision record as one page that needs nothing else."""
