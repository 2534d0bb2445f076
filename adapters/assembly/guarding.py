"""What stands before appending and signing: others' word on our past, and on our clock."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from adapters.assembly.ceremonies import keys_of_logs
from adapters.assembly.stepped_clock import SteppedClock
from adapters.assembly.witnesses import asked_witnesses, policy_of
from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.ledger.clock_watch import monotonic_ms
from adapters.log_settings import origin_of, witness_policy
from adapters.restored_marker import RestoredMarker
from adapters.settings import HubHome
from domain.errors import HubError, Unavailable
from domain.signed_note import NoteKey
from services.committing import Committer
from services.log_ports import ProvenLedger
from services.ports import Clock
from services.restoring import Claim, Heard, RestoreGuard, State, WitnessClaims
from services.witness_clock import WitnessTimes

PATIENCE_S = 5.0
"""How long a witness is waited for: once a process, before its first append."""
Folded = Callable[[str], int]
"""How many entries of a ledger our own views had folded."""


@dataclass(frozen=True, slots=True)
class Lookout:
    """A guard for each ledger, our clock, and what the witnesses' clocks showed."""

    guards: Mapping[str, RestoreGuard]
    times: WitnessTimes
    clock: Clock

    def stand_before(self, committer: Committer, ledger: str) -> None:
        """Let a ledger's writer ask before it appends."""
        guard = self.guards[ledger]

        def before() -> None:
            guard.before_append()
            self.times.check(self.clock.now_ms())

        committer.before_append = before
        committer.after_outage = guard.outage

    def ask_all(self) -> list[str]:
        """Ask whether others saw more of a ledger than is here; gives what is wrong, if anything.

        A worker does it before it appends.
        """
        return [one.told() for one in self.guards.values() if _asked(one) == "behind"]


def _asked(guard: RestoreGuard) -> State:
    """Ask now; a ledger that is away is asked about before it is appended to."""
    try:
        return guard.ask()
    except Unavailable:
        return "unasked"


def lookout_of(
    home: HubHome, ledgers: Mapping[str, ProvenLedger], folded: Folded, clock: Clock
) -> Lookout:
    """Give what guards a home's ledgers; nobody is asked before something is to be appended."""
    marker = RestoredMarker(home.folder)
    marked = marker.ledgers()
    guards = {
        name: RestoreGuard(
            ledger,
            partial(_heard, home, name, folded),
            found_whole=partial(marker.clear, name) if name in marked else None,
        )
        for name, ledger in ledgers.items()
    }
    # The demonstration's witnesses take the same steps as its hub: none of them is a leap.
    passed = clock.monotonic_ms if isinstance(clock, SteppedClock) else monotonic_ms
    return Lookout(guards, WitnessTimes(passed), clock)


def _heard(home: HubHome, ledger: str, folded: Folded) -> Heard:
    also = tuple(_of_our_views(ledger, folded))
    path = witness_policy()
    if path is None:
        return Heard(also)
    origin = origin_of(home, ledger)
    own: list[NoteKey] = []
    with contextlib.suppress(HubError):  # where the list is lost, two witnesses are enough
        own = list(keys_of_logs(home, [ledger]))
    with (
        asked_witnesses(policy_of(path), patience_s=PATIENCE_S) as asked,
        ThreadPoolExecutor(max(1, len(asked)), "witness") as threads,
    ):
        return WitnessClaims(asked, ALGORITHMS, threads).heard(origin, own, also)


def _of_our_views(ledger: str, folded: Folded) -> Iterator[Claim]:
    """Give what the views say; those that are not to be read say nothing."""
    with contextlib.suppress(HubError):
        size = folded(ledger)
        if size:
            yield Claim("our own views", size, None, ours=True)
