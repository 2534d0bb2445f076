r"""Policy files (C2SP tlog-policy): which logs are meant, and whose cosignatures are enough.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> <k>|any|all <name>…
    quorum <name>|none

One thing a line, words apart by spaces or tabs, `#` begins a comment line. Names are octets without
a meaning outside the file. A group may name only what stands above it, and each name may be in one
group alone, so that a witness counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from domain.checkpoint import Algorithms, Checkpoint, Signed, verified_checkpoint
from domain.errors import NotProven
from domain.signed_note import KeyKind, Note, NoteKey, read_vkey

POLICY_BYTES_MAX = 512 * 1024
EACH_MAX = 64
"""Logs, witnesses, groups: the format asks for 32 of each at least."""
NOBODY = "none"
_LOG_KINDS = frozenset({KeyKind.ED25519, KeyKind.ML_DSA_44})
_WITNESS_KINDS = frozenset({KeyKind.ED25519_COSIGNATURE, KeyKind.ML_DSA_44})


@dataclass(frozen=True, slots=True)
class Keyed:
    """A log or a witness: its key, and where it is asked, when that is said."""

    key: NoteKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """How many of which members are enough."""

    enough: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that one of the policy's logs signed, and what its witnesses said of it."""

    checkpoint: Checkpoint
    log: tuple[Signed, ...]
    witnesses: Mapping[str, Signed]
    """By the policy's names. A witness that states no time has not said that it is the largest."""
    quorum: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file that was read."""

    logs: tuple[Keyed, ...]
    witnesses: Mapping[str, Keyed]
    groups: Mapping[str, Group]
    quorum: str

    def satisfied(self, cosigned: Collection[str]) -> bool:
        """Say whether these witnesses, by the policy's names, are enough."""
        if self.quorum == NOBODY:
            return True
        standing = {name for name in self.witnesses if name in cosigned}
        for name, group in self.groups.items():  # a group stands below its members
            if sum(member in standing for member in group.members) >= group.enough:
                standing.add(name)
        return self.quorum in standing

    def witnessed(self, note: Note, algorithms: Algorithms) -> Witnessed:
        """Check a checkpoint's note against the whole policy.

        Raises NotProven where no log of the policy signed it under its own origin, and for all
        that `verified_checkpoint` refuses. Whether the quorum is there is an answer.
        """
        keys = [one.key for one in (*self.logs, *self.witnesses.values())]
        checkpoint, signed = verified_checkpoint(note, keys, algorithms)
        logs = {one.key for one in self.logs}
        log = tuple(s for s in signed if s.key in logs and s.key.name == checkpoint.origin)
        if not log:
            raise NotProven("unsigned-by-its-log")
        by_key = {one.key: one for one in signed if one.seconds}
        told = {n: by_key[w.key] for n, w in self.witnesses.items() if w.key in by_key}
        return Witnessed(checkpoint, log, told, self.satisfied(told.keys()))


def read_policy(raw: bytes) -> Policy:
    """Read a policy file; raises NotProven with a code that begins with `policy-`, and the line."""
    if len(raw) > POLICY_BYTES_MAX:
        raise NotProven("policy-too-long")
    if any(byte == 0x7F or (byte < 0x20 and byte not in b"\t\n") for byte in raw):  # noqa: PLR2004 - the format's own
        raise NotProven("policy-control-character")
    reading = _Reading()
    # Octets are opaque: what is no UTF-8 stays apart from everything that is.
    for number, line in enumerate(raw.decode("utf-8", "surrogateescape").split("\n"), start=1):
        words = line.replace("\t", " ").strip(" ").split(" ")
        words = [word for word in words if word]
        if words and not words[0].startswith("#"):
            try:
                reading.take(words)
            except NotProven as refused:
                raise NotProven(refused.code, line=number) from None
    return reading.policy()


class _Reading:
    """A policy as far as it was read."""

    def __init__(self) -> None:
        self._logs: list[Keyed] = []
        self._witnesses: dict[str, Keyed] = {}
        self._groups: dict[str, Group] = {}
        self._members: set[str] = set()
        self._quorum: str | None = None

    def take(self, words: list[str]) -> None:
        """Take one line; raises NotProven."""
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self._log(vkey, url)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, vkey, url)
            case ["group", name, count, first, *more]:
                self._group(name, count, (first, *more))
            case ["quorum", name] if self._quorum is None:
                if name != NOBODY and not self._known(name):
                    raise NotProven("policy-unknown-name")
                self._quorum = name
            case _:
                raise NotProven("policy-line")

    def policy(self) -> Policy:
        """Give what was read; raises NotProven where it has no quorum."""
        if self._quorum is None:
            raise NotProven("policy-without-quorum")
        return Policy(tuple(self._logs), self._witnesses, self._groups, self._quorum)

    def _log(self, vkey: str, url: list[str]) -> None:
        key = _key(vkey, _LOG_KINDS)
        # A hub signs the logs of several ledgers with one key, each under the log's own name.
        if any(one.key == key for one in self._logs):
            raise NotProven("policy-doubled-key")
        if len(self._logs) == EACH_MAX:
            raise NotProven("policy-too-long")
        self._logs.append(Keyed(key, next(iter(url), None)))

    def _witness(self, name: str, vkey: str, url: list[str]) -> None:
        key = _key(vkey, _WITNESS_KINDS)
        if any(one.key.public == key.public for one in self._witnesses.values()):
            raise NotProven("policy-doubled-key")
        self._define(name, len(self._witnesses))
        self._witnesses[name] = Keyed(key, next(iter(url), None))

    def _group(self, name: str, count: str, members: tuple[str, ...]) -> None:
        if not all(self._known(member) for member in members):
            raise NotProven("policy-unknown-name")
        if len(set(members)) != len(members) or self._members.intersection(members):
            raise NotProven("policy-doubled-member")
        self._define(name, len(self._groups))
        self._members.update(members)
        self._groups[name] = Group(_enough(count, len(members)), members)

    def _define(self, name: str, already: int) -> None:
        if name == NOBODY or self._known(name):
            raise NotProven("policy-doubled-name")
        if already == EACH_MAX:
            raise NotProven("policy-too-long")

    def _known(self, name: str) -> bool:
        return name in self._witnesses or name in self._groups


def _key(vkey: str, kinds: frozenset[KeyKind]) -> NoteKey:
    try:
        key = read_vkey(vkey)
    except NotProven:
        raise NotProven("policy-key") from None
    if key.kind not in kinds:
        raise NotProven("policy-key-kind")
    return key


def _enough(count: str, members: int) -> int:
    if count in {"any", "all"}:
        return 1 if count == "any" else members
    for enough in range(1, members + 1):
        if count == str(enough):
            return enough
    raise NotProven("policy-count")
