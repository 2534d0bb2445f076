"""Solvers by which released tables are attacked before they are published."""
