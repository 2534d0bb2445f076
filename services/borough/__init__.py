"""The borough's client: what a source says becomes sealed, signed, acknowledged events."""
