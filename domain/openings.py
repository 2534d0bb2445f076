r"""An openings pack, byte by byte: what an auditor is given of one ledger in place of keys.

    pack  := first LF (entry LF)* last LF      UTF-8; as it is, or all of it as one gzip stream
    first := {"format":"bhr-openings/v1","ledger":name,"of":whom,"size":n,"warrant":event id}
    entry := {"header":{"bytes":b,"salt":b},"parts":[part,…],"position":n}
           | {"fault":code,"position":n}       the operator could not open it, and why
    part  := {"bytes":b,"number":n,"salt":b}   facts and shared parts, numbers ascending
           | {"number":n}                      its key was destroyed, or the warrant names others
    last  := {"audit":event id,"digest":b,"entries":n,"openings":n}

`of` is "everybody", or "named" where the warrant names subjects: then there is a line for what is
about one of these alone, and nothing can be replayed from it. Every line is canonical JSON (RFC
8785, keys ascending, no spaces), at most 4 MiB; b is base64url without padding. Positions ascend,
and are below the size that the ledger had; what the warrant does not cover has no line, nor has a
logged checkpoint, which needs no opening. `digest` is
SHA-256 of all bytes before the last line, `entries` counts the lines between, `openings` the parts
with bytes in them; `audit` is the `audit-opened` event, recorded before the last line was written.

What makes an opening true is the leaf: HMAC-SHA-256(salt, bytes) is the commitment that it holds of
header or part (`domain.record`). A pack has no key in it and no restricted part.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from domain.record import Leaf
from domain.statement import PartClass, commit
from domain.values import Bytes32, EventId, LedgerName, Salt, Strict, to_bytes, to_text

FORMAT: Literal["bhr-openings/v1"] = "bhr-openings/v1"
LINE_BYTES_MAX = 4 * 1024 * 1024
_POSITION = re.compile(rb'[,{]"position":(0|[1-9][0-9]{0,15})\}\n\Z')

Whole = Annotated[int, Field(ge=0, le=2**53 - 1)]
Bytes = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]*$", max_length=200_000)]
FaultCode = Literal[
    "commitment-differs", "key-missing", "not-opened", "record-malformed", "stored-bytes-differ"
]


class PackHead(Strict):
    """The first line: of what, how much of it, and by whose leave."""

    format: Literal["bhr-openings/v1"]
    ledger: LedgerName
    of: Literal["everybody", "named"]
    size: Whole = Field(description="how many entries the ledger had")
    warrant: EventId


class Opened(Strict):
    """The header's bytes and salt."""

    bytes: Bytes
    salt: Salt


class PartOpened(Strict):
    """A part's bytes and salt; neither where its key was destroyed."""

    bytes: Bytes | None = None
    number: Annotated[int, Field(ge=0, le=62)]
    salt: Salt | None = None


class EntryOpened(Strict):
    """The openings of one entry."""

    header: Opened
    parts: tuple[PartOpened, ...] = Field(max_length=64)
    position: Whole


class EntryShut(Strict):
    """An entry that the operator could not open either."""

    fault: FaultCode
    position: Whole


class PackEnd(Strict):
    """The last line: without it a pack is no pack."""

    audit: EventId
    digest: Bytes32
    entries: Whole
    openings: Whole


EntryLine = EntryOpened | EntryShut
M = TypeVar("M", bound=Strict)


class NotAPack(ValueError):
    """Bytes that are not those of a pack; `code` is a constant word."""

    def __init__(self, code: str) -> None:
        """Keep the code alone."""
        super().__init__(code)
        self.code = code


def head_of(line: bytes) -> PackHead:
    """Read the first line; raises NotAPack."""
    return _read(PackHead, line, "head-malformed")


def end_of(line: bytes) -> PackEnd:
    """Read the last line; raises NotAPack: a pack that ends with another is truncated."""
    return _read(PackEnd, line, "truncated")


def entry_of(line: bytes) -> EntryLine:
    """Read a line between them; raises NotAPack."""
    if line.startswith(b'{"fault":'):
        return _read(EntryShut, line, "entry-malformed")
    return _read(EntryOpened, line, "entry-malformed")


def position_of(line: bytes) -> int:
    """Give the position of an entry's line without reading the rest of it; raises NotAPack."""
    found = _POSITION.search(line[-32:])
    if found is None:
        raise NotAPack("entry-malformed")
    return int(found[1])


def check(leaf: Leaf, entry: EntryOpened) -> tuple[bytes, dict[int, bytes | None]]:
    """Hold openings against the leaf; gives header bytes, and part bytes by number.

    None stands for a part whose key was destroyed. Raises NotAPack: `parts-differ` where they are
    not the facts and shared parts of this leaf, `header-differs`, `part-differs`.
    """
    header = _bytes(entry.header.bytes)
    if not hmac.compare_digest(commit(to_bytes(entry.header.salt), header), leaf.header_commitment):
        raise NotAPack("header-differs")
    open_ones = [part for part in leaf.parts if part.part_class is not PartClass.RESTRICTED]
    if [part.number for part in open_ones] != [part.number for part in entry.parts]:
        raise NotAPack("parts-differ")
    return header, {
        said.number: _checked(said, part.commitment)
        for said, part in zip(entry.parts, open_ones, strict=True)
    }


def entry_line(
    position: int, header: tuple[bytes, bytes], parts: Sequence[tuple[int, bytes, bytes] | int]
) -> bytes:
    """Spell an entry's openings: salt and bytes of the header, number, salt and bytes of parts.

    A number alone is a part whose key was destroyed.
    """
    opened = [
        PartOpened(number=part)
        if isinstance(part, int)
        else PartOpened(bytes=to_text(part[2]), number=part[0], salt=to_text(part[1]))
        for part in parts
    ]
    entry = EntryOpened(
        header=Opened(bytes=to_text(header[1]), salt=to_text(header[0])),
        parts=tuple(opened),
        position=position,
    )
    return entry.canonical() + b"\n"


def _checked(said: PartOpened, commitment: bytes) -> bytes | None:
    if said.bytes is None and said.salt is None:
        return None
    if said.bytes is None or said.salt is None:
        raise NotAPack("entry-malformed")
    raw = _bytes(said.bytes)
    if not hmac.compare_digest(commit(to_bytes(said.salt), raw), commitment):
        raise NotAPack("part-differs")
    return raw


def _bytes(text: str) -> bytes:
    try:
        return to_bytes(text)
    except ValueError:
        raise NotAPack("entry-malformed") from None


def _read(model: type[M], line: bytes, code: str) -> M:
    """Read one line, in the one spelling that it has."""
    if len(line) > LINE_BYTES_MAX:
        raise NotAPack("line-too-long")
    try:
        found = model.model_validate_json(line)
    except ValidationError:
        raise NotAPack(code) from None
    if found.canonical() + b"\n" != line:
        raise NotAPack(code)
    return found
