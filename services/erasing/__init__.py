"""Erasure at the hub: asked for, approved by two bodies, waited for, carried out, certified."""
