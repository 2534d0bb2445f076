"""What safeguarding events mean: values and pure functions."""
