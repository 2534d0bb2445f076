"""Releases: fixed, published tables in which small numbers cannot be worked out."""
