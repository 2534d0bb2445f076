"""What the boroughs see together: pure folds over the events."""
