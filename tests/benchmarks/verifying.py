"""What verifying and replaying costs an event beside barely opening it, on one core and on two."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path

from adapters.assembly.evidence import Held
from adapters.assembly.hub import open_hub
from adapters.assembly.openers import Asked
from adapters.assembly.proofs import keeping
from adapters.assembly.rebuilding import rebuild_views
from adapters.assembly.verifying import verify
from adapters.demonstration.stage import Stage
from adapters.settings import hub_home
from services.audit.verifying import report
from services.borough.drafting import Draft
from tests.benchmarks.floors import Piece, decrypt_and_parse
from tests.benchmarks.measuring import Line
from tests.benchmarks.stage import filled, pieces_of
from tests.journeys.sources import Told, drafts_of
from tests.memory import peak_kib

BOROUGHS = ("barking-and-dagenham", "redbridge")
EVENTS = 20_000
SAMPLE = 4_000
"""Entries of each ledger that the floor opens: all pieces of a long one would not fit in memory."""
FEWER = 8
"""How many times fewer entries the memory is put beside."""
VERIFY, MEMORY = "verify and replay", "verify memory"
VERIFYING = {
    VERIFY: "`bhr audit verify` over a hub's home with its keys: every leaf, tile, root, opening "
    "and signature of two ledgers, and the views folded again and compared; beside decrypting and "
    f"parsing the pieces of {SAMPLE} entries of each, by as many processes.",
    MEMORY: "kilobytes (not µs) that a process has held at most when it has verified so many "
    "events.",
}
_FRESH = multiprocessing.get_context("spawn")


def verifying_lines(folder: Path, events: int) -> tuple[Line, ...]:
    """Verify by one process and by two; µs an event."""
    few = events // FEWER
    held = [_held(folder / "few", few)[1]]
    passphrase, most = _held(folder / "many", events)
    held.append(most)
    pieces = _signed_and_sampled(passphrase)
    sampled = min(SAMPLE, events // len(BOROUGHS)) * len(BOROUGHS)
    found = []
    for processes in (1, 2):
        took = _verified(passphrase, processes) / events
        floor = _opened(pieces, processes) / sampled
        name = f"{VERIFY} {events:,}, {processes} process{'es' if processes > 1 else ''}"
        bare = f"bare decrypt and parse, {processes}"
        found.append(Line(name, round(took, 1), bare, round(floor, 1), round(took / floor, 2)))
    what, least = (f"{MEMORY}, {many}" for many in (events, few))
    found.append(Line(what, held[1], least, held[0], round(held[1] / held[0], 3)))
    return tuple(found)


def _held(folder: Path, events: int) -> tuple[str, float]:
    """Make a home with so many events; gives its passphrase, and what verifying holds at most."""
    folder.mkdir(parents=True)
    passphrase = filled(folder / "home", BOROUGHS, events // len(BOROUGHS), _numbered)
    rebuild_views(hub_home(), passphrase, demo=True)
    _signed_and_sampled(passphrase)
    with _FRESH.Pool(1) as pool:
        return passphrase, pool.apply(_most, (passphrase,))


def _most(passphrase: str) -> float:
    _verified(passphrase, 1)
    return float(peak_kib(os.getpid()))


def _numbered(_: Stage, __: str) -> Iterator[Draft]:
    return drafts_of(Told(number) for number in count())


def _signed_and_sampled(passphrase: str) -> list[list[Piece]]:
    """Have every ledger's checkpoint made; gives the pieces of the floor, ledger by ledger."""
    home = hub_home()
    with open_hub(home, passphrase, demo=True) as rooms:
        with keeping(home, passphrase, rooms.ledgers, rooms.lookout) as kept:
            kept.finish()
        return [
            pieces_of(name, rooms.ledgers[name].read(0, SAMPLE), passphrase) for name in BOROUGHS
        ]


def _verified(passphrase: str, processes: int) -> float:
    held = Held(home=hub_home().folder, demo=True)
    began = time.perf_counter()
    outcome = verify(Asked(held, passphrase=passphrase, processes=processes), lambda *_: None)
    took = (time.perf_counter() - began) * 1e6
    if outcome.report.findings:
        raise SystemExit(f"the benchmark's ledgers do not verify: {outcome.report.findings[0]}")
    if outcome.report.steps[report.VIEWS - 1].state != "ok":
        raise SystemExit("the benchmark's views were not compared")
    return took


def _opened(ledgers: Sequence[Sequence[Piece]], processes: int) -> float:
    """Open the pieces; what it takes to hand them to a process is no part of it."""
    if processes == 1:
        return sum(map(_took, ledgers))
    with ProcessPoolExecutor(processes, _FRESH) as pool:
        return max(pool.map(_took, ledgers))


def _took(pieces: Sequence[Piece]) -> float:
    began = time.perf_counter()
    decrypt_and_parse(pieces)
    return (time.perf_counter() - began) * 1e6
