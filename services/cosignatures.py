"""Which of many cosignatures are shown: a quiet ledger is cosigned again and again at one size."""

from __future__ import annotations

from collections.abc import Iterable

from domain.errors import NotProven
from domain.signed_note import read_lines


def gathered(note: bytes, lines: Iterable[bytes]) -> bytes:
    """Give a kept note with the first and the last line of each key, in order.

    The first says when a witness had seen these entries, the last until when it saw no others: what
    lies between says nothing more. A line that is none is shown as it is, for others to refuse.
    """
    first: dict[bytes, bytes] = {}
    last: dict[bytes, bytes] = {}
    for line in lines:
        key = _key(line)
        first.setdefault(key, line)
        last[key] = line
    return note + b"".join(dict.fromkeys((*first.values(), *last.values())))


def _key(line: bytes) -> bytes:
    try:
        (read,) = read_lines(line)
    except (NotProven, ValueError):
        return line
    return read.name.encode() + read.key_id
