"""What a `litewitness` is told by: its key as others know it, and the logs in its book.

    python -m adapters.witnesses.litewitness key NAME PUBLIC-KEY    says the key as policies do
    python -m adapters.witnesses.litewitness enter BOOK POLICY      enters the policy's logs, once

Its own tool for entering logs, `witnessctl`, cannot be had everywhere. What that would write are a
row for the log, as an empty tree, and one for each of its keys. The tables are made by litewitness
itself (filippo.io/torchwood v0.9.0), when it starts: until then entering waits.
"""

from __future__ import annotations

import base64
import sqlite3
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from domain.errors import HomeNotReady, HubError, NotProven
from domain.signed_note import KeyKind, NoteKey, from_base64
from domain.tlog_policy import read_policy
from domain.tree import EMPTY_ROOT

_SSH_KIND = "ssh-ed25519"
_SSH_HEAD = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"
"""Of an OpenSSH public key: its kind and the length of what follows, each after its own length."""
_PATIENCE_S = 120.0
_LOOK_EVERY_S = 0.1
_LOCK_S = 30.0


def cosigning_key(name: str, openssh: str) -> NoteKey:
    """Give the key of a witness from the one line of its `.pub` file; raises NotProven."""
    kind, material, *_ = (*openssh.split(), "", "")
    raw = from_base64(material, "ssh-key-malformed")
    if kind != _SSH_KIND or not raw.startswith(_SSH_HEAD):
        raise NotProven("ssh-key-kind")
    return NoteKey(name, KeyKind.ED25519_COSIGNATURE, raw.removeprefix(_SSH_HEAD))


def enter(book: Path, logs: Iterable[NoteKey]) -> None:
    """Enter logs, and keys of logs, that are not there yet; all or none. What was cosigned stays.

    Keys of other kinds than Ed25519 are left out: one that it cannot read makes it refuse the log.
    """
    with closing(_opened(book)) as rows, rows:
        empty = base64.b64encode(EMPTY_ROOT).decode("ascii")
        for key in logs:
            if key.kind is KeyKind.ED25519:
                rows.execute("INSERT OR IGNORE INTO log VALUES (?, 0, ?)", (key.name, empty))
                rows.execute(
                    "INSERT INTO key SELECT ?1, ?2"
                    " WHERE NOT EXISTS (SELECT 1 FROM key WHERE origin = ?1 AND key = ?2)",
                    (key.name, key.vkey()),
                )


def wait_for_book(book: Path, *, patience_s: float = _PATIENCE_S) -> None:
    """Wait until litewitness has made its tables; raises HomeNotReady."""
    deadline = time.monotonic() + patience_s
    while not _has_tables(book):
        if time.monotonic() > deadline:
            raise HomeNotReady("litewitness made no book: no log is entered at it")
        time.sleep(_LOOK_EVERY_S)


def _has_tables(book: Path) -> bool:
    try:
        with closing(_opened(book)) as rows:
            asked = "SELECT count(*) FROM sqlite_master WHERE name IN ('log', 'key')"
            ((tables,),) = rows.execute(asked)
            return bool(tables == 2)  # noqa: PLR2004 - both of those that are named
    except sqlite3.OperationalError:  # not there yet, or being made just now
        return False


def _opened(book: Path) -> sqlite3.Connection:
    """Open the book that is there: an empty one in its place would be taken for litewitness's."""
    return sqlite3.connect(f"{book.absolute().as_uri()}?mode=rw", uri=True, timeout=_LOCK_S)


def main(words: list[str]) -> str:
    """Do what the words ask for; gives what is to be said."""
    match words:
        case ["key", name, public]:
            return cosigning_key(name, Path(public).read_text(encoding="utf-8")).vkey()
        case ["enter", book, policy]:
            logs = [one.key for one in read_policy(Path(policy).read_bytes()).logs]
            wait_for_book(Path(book))
            enter(Path(book), logs)
            return "the policy's logs are entered"
        case _:
            raise HomeNotReady("told neither `key NAME PUBLIC-KEY` nor `enter BOOK POLICY`")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{main(sys.argv[1:])}\n")
    except (HubError, OSError, sqlite3.Error) as error:
        sys.exit(f"litewitness: {error}")
