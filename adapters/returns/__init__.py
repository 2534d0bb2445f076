"""How a borough's statutory returns are read, as they were exported."""
