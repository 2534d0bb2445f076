r"""What a log and a witness say to each other (C2SP tlog-witness), byte by byte.

    request := "old " ‖ decimal ‖ "\n" ‖ (base64(hash[32]) ‖ "\n")* ‖ "\n" ‖ checkpoint note
    200     := signature lines        the witness's, and nobody else's
    409     := decimal ‖ "\n"         the size that the witness last cosigned, as text/x.tlog.size

The hashes prove that the tree of the checkpoint begins with the one of the old size.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from domain.checkpoint import read_size
from domain.errors import NotProven
from domain.signed_note import (
    NOTE_BYTES_MAX,
    Note,
    SignatureLine,
    plain_text,
    read_lines,
    read_note,
)
from domain.tlog_proof import read_hashes

REQUEST_BYTES_MAX = NOTE_BYTES_MAX + 8 * 1024
ANSWER_BYTES_MAX = NOTE_BYTES_MAX
SIZE_TYPE = "text/x.tlog.size"
NOTE_TYPE = "text/plain; charset=utf-8"
_SIZE_BYTES_MAX = 32
_LATER = frozenset({0, 408, 429, 502, 503, 504})
"""Statuses that say nothing of the checkpoint; 0 is no answer."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign a checkpoint."""

    old: int
    path: tuple[bytes, ...]
    note: Note

    def encode(self) -> bytes:
        """Give the request's bytes."""
        head = [f"old {self.old}", *(base64.b64encode(one).decode("ascii") for one in self.path)]
        return ("\n".join(head) + "\n\n").encode() + self.note.encode()


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness's lines, as they came: not verified yet."""

    lines: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class HoldsSize:
    """The witness last cosigned another size than was thought."""

    size: int


@dataclass(frozen=True, slots=True)
class NoCosignature:
    """The witness did not cosign; `status` is what it answered, 0 when it did not.

    `later`: nothing was said of the checkpoint, and asking again may help. Else something is wrong
    between this log and this witness, and somebody has to look.
    """

    status: int
    later: bool


def read_request(raw: bytes) -> AddCheckpoint:
    """Read a request's form alone; raises NotProven."""
    head, found, note = plain_text(raw, bytes_max=REQUEST_BYTES_MAX).partition("\n\n")
    old, *hashes = head.split("\n")
    if not found or not old.startswith("old "):
        raise NotProven("request-malformed")
    size = read_size(old.removeprefix("old "), "request-malformed")
    return AddCheckpoint(size, read_hashes(hashes), read_note(note.encode()))


def read_answer(status: int, body: bytes) -> Cosigned | HoldsSize | NoCosignature:
    """Read what a witness answered, whatever it is."""
    try:
        if status == 200:  # noqa: PLR2004 - the format's own
            return Cosigned(read_lines(body))
        if status == 409:  # noqa: PLR2004 - the format's own
            return HoldsSize(_size(body))
    except NotProven:
        return NoCosignature(status, later=False)
    return NoCosignature(status, later=status in _LATER)


def _size(body: bytes) -> int:
    """Read the size of a 409. Some witnesses answer it empty: for another root at the same size."""
    text = plain_text(body, bytes_max=_SIZE_BYTES_MAX)
    if not text.endswith("\n"):
        raise NotProven("size-malformed")
    return read_size(text[:-1], "size-malformed")


def origin_digest(origin: str) -> str:
    """Give the name under which a witness shows the last checkpoint of an origin."""
    return hashlib.sha256(origin.encode()).hexdigest()
