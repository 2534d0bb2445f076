"""The hub's HTTP door: it parses, calls a service and answers."""
