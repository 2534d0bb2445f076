r"""Has this plain event been recorded already, with this very content?

Header, facts and shared parts are opened and compared. Restricted parts are sealed to the
controller and closed to the hub; for them the keyring holds, in place of the envelope's digest, a
tag under a key that is destroyed with the subject:

    tag := HMAC-SHA-256(subject key, "bhr-plain-part/v1\n" ‖ event id[16] ‖ u8 number ‖ part bytes)
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import replace

from domain.canonical import JsonValue, canonical, strict_json
from domain.errors import NotOpened
from domain.keyed import hmac_sha256
from domain.statement import PartClass
from services.custody import DataKey
from services.opening import Opening
from services.ports import Ledger, StoredEntry
from services.preparing import PreparedEvent


def content_tag(key: DataKey, event: uuid.UUID, number: int, content: bytes) -> bytes:
    """Give the tag by which a plain restricted part is compared without being kept open."""
    message = b"bhr-plain-part/v1\n" + event.bytes + bytes([number]) + content
    return hmac_sha256(key.secret, message)


def as_recorded(made: PreparedEvent, ledger: Ledger, opening: Opening) -> PreparedEvent:
    """Give the event with the statement that it is recorded with, when its content is the same.

    Otherwise it is given back as it is: as a new event, or to be refused as a conflict.
    """
    entry = ledger.find(made.event_id)
    if entry is None:
        return made
    try:
        same = _same(made, entry, opening)
    except NotOpened:
        return made
    return replace(made, recorded_statement=entry.statement) if same else made


def _same(made: PreparedEvent, entry: StoredEntry, opening: Opening) -> bool:
    stored = opening.parts(entry)
    if _without_session(made.header) != _without_session(stored.header):
        return False
    if [part.number for part in made.parts] != [number for number, _ in stored.parts]:
        return False
    return all(
        hmac.compare_digest(
            part.envelope_digest if part.part_class is PartClass.RESTRICTED else part.content,
            content,
        )
        for part, (_, content) in zip(made.parts, stored.parts, strict=True)
    )


def _without_session(header: bytes) -> bytes:
    """The session is the hub's choice, another one at each attempt."""
    document = strict_json(header)
    if not isinstance(document, dict):
        return header
    kept: dict[str, JsonValue] = {k: v for k, v in document.items() if k != "sealingsession"}
    return canonical(kept)
