"""The pointer to the tuned model in service: promotion and rollback."""
