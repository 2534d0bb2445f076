"""Everything that touches the world, one outside library per file."""
