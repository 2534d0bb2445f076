"""Witnesses: our own small one, and how the hub asks any."""
