"""UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then randomness. Python has none before 3.14."""

from __future__ import annotations

import secrets
import uuid


def uuid7(now_ms: int) -> uuid.UUID:
    """Make an event or submission id at a time."""
    value = (now_ms & (2**48 - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
