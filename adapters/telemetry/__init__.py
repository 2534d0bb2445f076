"""What the hub tells its operator's monitoring, and how it is asked."""
