"""IAM enforcement."""
