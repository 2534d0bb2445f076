"""The published vocabulary: every event the hub knows, by area, and their closed catalogue."""
