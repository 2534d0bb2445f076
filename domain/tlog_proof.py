r"""Receipts (C2SP tlog-proof): that an entry stands in a log, as one text that needs nobody's help.

    receipt := "c2sp.org/tlog-proof@v1\n" ‖ ("extra " ‖ base64 ‖ "\n")? ‖ "index " ‖ decimal ‖ "\n"
               ‖ (base64(hash[32]) ‖ "\n")* ‖ "\n" ‖ checkpoint note

The hashes lead from the leaf's sibling up to the root's child. The checkpoint stands as it was
published, with the cosignatures. `extra` is not covered by anything.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from domain.checkpoint import read_size
from domain.errors import NotProven
from domain.signed_note import NOTE_BYTES_MAX, Note, from_base64, plain_text, read_note

HEADER = "c2sp.org/tlog-proof@v1"
HASH_BYTES = 32
PATH_MAX = 63
"""A tree of 2^63 leaves has no longer path, and its hashes no longer consistency proof."""
EXTRA_BYTES_MAX = 16 * 1024
_BYTES_MAX = NOTE_BYTES_MAX + 64 * 1024


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A receipt that was read, or is to be written: nothing of it is believed by itself."""

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def encode(self) -> bytes:
        """Give the receipt's bytes."""
        head = [HEADER]
        if self.extra is not None:
            head.append(f"extra {base64.b64encode(self.extra).decode('ascii')}")
        head.append(f"index {self.index}")
        head.extend(base64.b64encode(one).decode("ascii") for one in self.path)
        return ("\n".join(head) + "\n\n").encode() + self.note.encode()


def read_proof(raw: bytes) -> TlogProof:
    """Read a receipt's form alone; raises NotProven."""
    head, found, note = plain_text(raw, bytes_max=_BYTES_MAX).partition("\n\n")
    lines = head.split("\n")
    if not found or lines[0] != HEADER:
        raise NotProven("receipt-header")
    extra = None
    rest = lines[1:]
    if rest and rest[0].startswith("extra "):
        extra = from_base64(rest[0].removeprefix("extra "), "receipt-extra")
        rest = rest[1:]
        if len(extra) > EXTRA_BYTES_MAX:
            raise NotProven("receipt-extra")
    if not rest or not rest[0].startswith("index "):
        raise NotProven("receipt-index")
    index = read_size(rest[0].removeprefix("index "), "receipt-index")
    return TlogProof(index, read_hashes(rest[1:]), read_note(note.encode()), extra)


def read_hashes(lines: list[str]) -> tuple[bytes, ...]:
    """Read lines of hashes, as proofs have them; raises NotProven."""
    if len(lines) > PATH_MAX:
        raise NotProven("path-too-long")
    path = tuple(from_base64(line, "path-malformed") for line in lines)
    if any(len(one) != HASH_BYTES for one in path):
        raise NotProven("path-malformed")
    return path
