"""Verifying a log from its bytes: steps in order, each with what it found, and one report."""
