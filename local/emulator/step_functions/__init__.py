"""Step Functions under the state machine's own role."""
