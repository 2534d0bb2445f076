"""UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then randomness. Python has none before 3.14."""

from __future__ import annotations

import secrets
import uuid


def uuid7(now_ms: int, drawn: int | None = None) -> uuid.UUID:
    """Make an event or submission id at a time; `drawn` are 80 bits to take in place of chance."""
    bits = int.from_bytes(secrets.token_bytes(10)) if drawn is None else drawn & (2**80 - 1)
    value = (now_ms & (2**48 - 1)) << 80 | bits
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
