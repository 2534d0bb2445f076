"""Where sealed records are kept, in order and for good."""
