"""The published vocabulary: every event the hub knows, by area, and the closed catalogue of them."""
