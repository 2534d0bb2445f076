"""What the partners read in a browser: pages made from the same answers as `/v1` gives."""
