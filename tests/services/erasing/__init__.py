"""Tests of erasure at the hub."""
