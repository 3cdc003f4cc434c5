"""Training runs: request, record, cost, losses and conclusion."""
