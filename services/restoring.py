"""The guard against going on from a restored backup: others are asked what they have seen of us.

A log that signs two histories is lost for ever, and a backup that was put back does just that with
its first signature. So on start, and after a store was out of reach, whoever may have seen more is
asked before anything is appended: each witness for the last checkpoint that it cosigned, and our
own views for how far they had folded. A claim of a larger tree, or of another root for a size that
we have, counts when our own signature is under it, or when two witnesses make it. From then on the
ledger is read-only: appending and signing raise `LedgerBehind`, which says what is missing and who
has seen it; what only reads goes on.

Appending waits for no witness beyond that one question: those that do not answer hold up nothing,
unless the ledger is known to have been restored: then more than half must show what they have seen
of it, since a witness that is new, or was emptied, knows of nothing that could be missing. Signing
a checkpoint waits until more than half of them have answered.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

from domain.checkpoint import Algorithms, verified_checkpoint
from domain.errors import HubError, LedgerBehind, NotProven, Unavailable
from domain.signed_note import NoteKey, read_note
from services.cosigning import AskedWitness
from services.log_ports import ProvenLedger

_log = logging.getLogger(__name__)
_TWO = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """That a ledger once had so many entries, and this root if it is said."""

    who: str
    size: int
    root: bytes | None
    ours: bool
    """Our own signature is under it, or it is our own store's word."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking: the claims, and who was asked and who did not answer."""

    claims: tuple[Claim, ...]
    asked: int = 0
    silent: tuple[str, ...] = ()
    knows_nothing: tuple[str, ...] = ()
    """Who answered, and showed nothing of the log that can be believed."""

    def enough(self) -> bool:
        """Say whether more than half answered; where nobody is to be asked, that is all."""
        return self.asked == 0 or 2 * (self.asked - len(self.silent)) > self.asked

    def vouched(self) -> bool:
        """Say whether more than half showed what they have seen of the log."""
        return 2 * (self.asked - len(self.silent) - len(self.knows_nothing)) > self.asked


Ask = Callable[[], Heard]
State = Literal["unasked", "clear", "unheard", "behind"]


class RestoreGuard:
    """Stands before what appends to one ledger and what signs for it. Safe between threads."""

    def __init__(
        self, ledger: ProvenLedger, ask: Ask, *, found_whole: Callable[[], None] | None = None
    ) -> None:
        """Ask when first needed.

        `found_whole` is given for a ledger that was restored: nothing is appended before enough
        have answered, and then it is called.
        """
        self._ledger = ledger
        self._ask = ask
        self._found_whole = found_whole
        self._lock = threading.Lock()
        self._heard: Heard | None = None
        self._behind: tuple[Claim, ...] = ()

    @property
    def name(self) -> str:
        """Give the ledger's name."""
        return self._ledger.name

    def ask(self) -> State:
        """Ask now; gives how the ledger stands."""
        heard = self._ask()
        contrary = tuple(one for one in heard.claims if not self._agrees(one))
        signed = tuple(one for one in contrary if one.ours)
        several = contrary if len({one.who for one in contrary}) >= _TWO else ()
        with self._lock:
            self._heard, self._behind = heard, signed or several
        if self._behind:
            _log.error("ledger-behind ledger=%s", self.name)
        elif self._found_whole is not None and heard.asked and self._is_vouched(heard):
            self._found_whole()
            self._found_whole = None
        return self.state()

    def state(self) -> State:
        """Say how the ledger stands, by what was heard last."""
        if self._behind:
            return "behind"
        if self._heard is None:
            return "unasked"
        return "clear" if self._heard.enough() else "unheard"

    def outage(self) -> None:
        """Forget what was heard: a store that was out of reach may have come back as another."""
        with self._lock:
            self._heard = None

    def before_append(self) -> None:
        """Let an append go on; raises LedgerBehind, and Unavailable while nobody has answered."""
        if self._heard is None:
            self.ask()
        self._refuse_behind()
        if self._found_whole is not None:
            raise Unavailable("a witness's word on a ledger that was restored")

    def before_signing(self) -> None:
        """Let a checkpoint be signed; raises LedgerBehind, and Unavailable without enough answers.

        Who is not heard is asked again each time: checkpoints can wait.
        """
        state = self.state()
        if state in {"unasked", "unheard"}:
            state = self.ask()
        self._refuse_behind()
        if state != "clear":
            raise Unavailable("the word of more than half of the witnesses")

    def told(self) -> str:
        """Say in a sentence how the ledger stands, for its operator."""
        if self._behind:
            return str(self._fault())
        if self._heard is None:
            return "nobody was asked yet"
        if self._heard.asked == 0:
            return "unwitnessed: nobody could tell whether entries are missing"
        silent = ", ".join(self._heard.silent)
        return f"no answer from {silent}" if silent else "as the witnesses have seen it"

    def _is_vouched(self, heard: Heard) -> bool:
        return heard.vouched() if self._ledger.head().size else heard.enough()

    def _agrees(self, claim: Claim) -> bool:
        if claim.size > self._ledger.head().size:
            return False
        if claim.root is None or claim.size == 0:
            return True
        return self._ledger.tiles.root(claim.size) == claim.root

    def _refuse_behind(self) -> None:
        if self._behind:
            raise self._fault()

    def _fault(self) -> LedgerBehind:
        size = self._ledger.head().size
        largest = max(claim.size for claim in self._behind)
        who = sorted({claim.who for claim in self._behind})
        return LedgerBehind(self.name, size, largest, who)


class WitnessClaims:
    """Asks the witnesses of a policy what they saw last, all at once."""

    def __init__(
        self, asked: Sequence[AskedWitness], algorithms: Algorithms, executor: Executor
    ) -> None:
        """Verify what they say by these algorithms; each is asked in a thread of the executor."""
        self._asked = asked
        self._algorithms = algorithms
        self._executor = executor

    def heard(self, origin: str, own: Sequence[NoteKey], also: Sequence[Claim] = ()) -> Heard:
        """Give what they claim of a log whose own keys these are, beside claims from elsewhere."""
        running = [
            (one.name, self._executor.submit(self._claim, one, origin, own)) for one in self._asked
        ]
        claims, silent, empty = list(also), [], []
        for name, future in running:
            try:
                claim = future.result()
            except HubError:
                silent.append(name)
                continue
            if claim is None:
                empty.append(name)
            else:
                claims.append(claim)
        return Heard(tuple(claims), len(running), tuple(silent), tuple(empty))

    def _claim(self, one: AskedWitness, origin: str, own: Sequence[NoteKey]) -> Claim | None:
        """Give what a witness shows; None where it holds nothing that can be believed."""
        raw = one.witness.latest(origin)
        if raw is None:
            return None
        for keys, ours in ((own, True), ([one.key], False)):
            try:
                checkpoint, _ = verified_checkpoint(read_note(raw), keys, self._algorithms)
            except NotProven:
                continue
            if checkpoint.origin == origin:
                return Claim(one.name, checkpoint.size, checkpoint.root, ours)
        return None
