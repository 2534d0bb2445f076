"""Backups: whole copies of ledgers and key stores, and what is said of them."""
