"""How a borough reaches the hub, and what it keeps at home."""
