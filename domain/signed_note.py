r"""Signed notes (C2SP signed-note): text, an empty line, and lines of signatures.

    note   := text ‖ "\n" ‖ line+          text ends in "\n" and is split off at the last empty line
    line   := "— " ‖ key name ‖ " " ‖ base64(key id[4] ‖ signature) ‖ "\n"
    key id := SHA-256(key name ‖ "\n" ‖ u8 kind ‖ public key)[:4]
    vkey   := key name ‖ "+" ‖ hex(key id) ‖ "+" ‖ base64(u8 kind ‖ public key)

A key is known by its name and its id together. Lines of unknown keys are passed over, even those
that share a name with a known one; a line of a known key that does not hold rejects the whole note.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from domain.errors import NotProven

NOTE_BYTES_MAX = 128 * 1024
LINES_MAX = 64
"""The format asks for 16 at least; a post-quantum line has about 3.3 kB."""
NAME_BYTES_MAX = 255
"""What the signed form of an ML-DSA-44 cosignature can hold."""
_VKEY_CHARACTERS_MAX = 4096
_VKEY_PLUSES = 2
_DASH = "— "
_KEY_ID_BYTES = 4
_SPACE = 0x20

Verify: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""Says whether (public key, signature, message) hold together; never raises."""
Sign: TypeAlias = Callable[[bytes], bytes]


class KeyKind(IntEnum):
    """The kinds of keys that are known here; the number is the format's own."""

    ED25519 = 0x01
    """A log's signature over the text."""
    ED25519_COSIGNATURE = 0x04
    """A cosigner's, over the time and the text."""
    ML_DSA_44 = 0x06
    """A log's or a cosigner's, over its name, the time, and the tree."""


PUBLIC_BYTES = {
    KeyKind.ED25519: 32,
    KeyKind.ED25519_COSIGNATURE: 32,
    KeyKind.ML_DSA_44: 1312,
}


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key, and the name that it signs under."""

    name: str
    kind: KeyKind
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what could not stand on a line; raises NotProven."""
        if not is_key_name(self.name):
            raise NotProven("key-name")
        if len(self.public) != PUBLIC_BYTES[self.kind]:
            raise NotProven("key-length")

    @property
    def key_id(self) -> bytes:
        """Give the four bytes that stand before its signatures."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:_KEY_ID_BYTES]

    def vkey(self) -> str:
        """Spell it as one word, which is how keys are told to others."""
        material = base64.b64encode(bytes([self.kind]) + self.public).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{material}"


class SignatureLine(NamedTuple):
    """One line below a note; whose it is shows only when a key is tried on it."""

    name: str
    key_id: bytes
    signature: bytes

    def encode(self) -> bytes:
        """Give the line as it stands in a note."""
        spelled = base64.b64encode(self.key_id + self.signature).decode("ascii")
        return f"{_DASH}{self.name} {spelled}\n".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was read: nothing of it is believed before its signatures hold."""

    text: bytes
    lines: tuple[SignatureLine, ...]

    def encode(self) -> bytes:
        """Give the note's bytes."""
        return self.text + b"\n" + b"".join(line.encode() for line in self.lines)

    def with_lines(self, lines: Iterable[SignatureLine]) -> Note:
        """Give the same text with further lines, those already there left out."""
        further = [line for line in dict.fromkeys(lines) if line not in self.lines]
        return Note(self.text, (*self.lines, *further))


def is_key_name(name: str) -> bool:
    """Say whether a name can stand on a line: not empty, no space of any script, no plus."""
    if any(each.isspace() or ord(each) < _SPACE or each == "+" for each in name):
        return False
    try:
        return 0 < len(name.encode()) <= NAME_BYTES_MAX
    except UnicodeEncodeError:  # half a character, from a file of other octets
        return False


def read_vkey(text: str) -> NoteKey:
    """Read a key that was told as one word; raises NotProven."""
    if len(text) > _VKEY_CHARACTERS_MAX or text.count("+") < _VKEY_PLUSES:
        raise NotProven("vkey-malformed")
    name, key_id, material = text.split("+", 2)
    raw = from_base64(material, "vkey-malformed")
    try:
        key = NoteKey(name, KeyKind(raw[0]), raw[1:])
    except (IndexError, ValueError):
        raise NotProven("vkey-kind") from None
    if key.key_id.hex() != key_id:
        raise NotProven("vkey-id")
    return key


def read_note(raw: bytes) -> Note:
    """Read a note's form alone; raises NotProven."""
    text = plain_text(raw, bytes_max=NOTE_BYTES_MAX)
    body, found, signatures = text.rpartition("\n\n")
    if not found or not body:
        raise NotProven("note-without-signatures")
    return Note((body + "\n").encode(), read_lines(signatures.encode()))


def read_lines(raw: bytes) -> tuple[SignatureLine, ...]:
    """Read signature lines that came by themselves, as a witness sends them; raises NotProven."""
    text = plain_text(raw, bytes_max=NOTE_BYTES_MAX)
    if not text.endswith("\n"):
        raise NotProven("signature-line-malformed")
    lines = text[:-1].split("\n")
    if len(lines) > LINES_MAX:
        raise NotProven("too-many-signatures")
    return tuple(_line(line) for line in lines)


def _line(line: str) -> SignatureLine:
    name, found, spelled = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not found or not is_key_name(name):
        raise NotProven("signature-line-malformed")
    raw = from_base64(spelled, "signature-line-malformed")
    if len(raw) <= _KEY_ID_BYTES:
        raise NotProven("signature-line-malformed")
    return SignatureLine(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def plain_text(raw: bytes, *, bytes_max: int) -> str:
    """Read UTF-8 in which no control character stands but the newline; raises NotProven."""
    if len(raw) > bytes_max:
        raise NotProven("too-long")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotProven("not-utf-8") from None
    if any(byte < _SPACE and byte != 0x0A for byte in raw):  # noqa: PLR2004 - the newline
        raise NotProven("control-character")
    return text


def from_base64(text: str, code: str) -> bytes:
    """Read RFC 4648 base64, padded, in its one canonical spelling; raises NotProven."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise NotProven(code) from None
    if base64.b64encode(raw).decode("ascii") != text:
        raise NotProven(code)
    return raw


Checks: TypeAlias = Callable[[NoteKey, bytes], bool]
"""Says whether a known key's signature holds, by the rule of the key's kind."""


def verified(
    note: Note, keys: Sequence[NoteKey], checks: Checks
) -> tuple[tuple[NoteKey, SignatureLine], ...]:
    """Give the lines of known keys, each once, in the note's order; all of them hold.

    Raises NotProven: signature-differs where a known key's line does not hold, unsigned where no
    known key signed.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found: list[tuple[NoteKey, SignatureLine]] = []
    for line in dict.fromkeys(note.lines):
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not checks(key, line.signature):
            raise NotProven("signature-differs")
        found.append((key, line))
    if not found:
        raise NotProven("unsigned")
    return tuple(found)
