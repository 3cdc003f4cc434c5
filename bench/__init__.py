"""What Arbiter adds to the AWS calls it makes, as ratios to the bare calls."""
