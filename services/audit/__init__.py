"""Auditing: replaying what was recorded, saying where it differs, and who has looked."""
