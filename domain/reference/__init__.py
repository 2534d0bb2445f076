"""What is registered rather than edited: participants, agreements, mappings, rules and figures."""
