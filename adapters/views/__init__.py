"""Where the shared views and their positions are kept."""
