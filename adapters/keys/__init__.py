"""Where keys are made, kept, used and destroyed."""
