"""What each body of the demonstration does when it is told to: boroughs and the police command.

A body waits at its line: it is sent a load's number, does what is its to do, and answers what came
of it. When all is loaded it sends a canary now and then, until its line is closed.
"""

from __future__ import annotations

import datetime
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import BinaryIO

from adapters.assembly.borough import borough_client
from adapters.assembly.stepped_clock import SteppedClock
from adapters.demonstration.explaining import explanations
from adapters.demonstration.loads import Load
from adapters.demonstration.stage import Stage
from adapters.demonstration.systems import discussions, move
from adapters.reference.police_figures import police_figures
from adapters.returns.cin_publishing import Wanted, publish_return
from adapters.returns.invented import InventedHistory
from adapters.returns.published_figures import Authority
from adapters.returns.reports import Delivery, Events, Report, total
from adapters.settled_memory import settle_memory
from domain.values import LONDON, start_of_london_day
from domain.vocabulary.figures import FigureReported
from services.borough.client import BoroughClient
from services.borough.drafting import Draft

BEAT_S = 600.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a body's load came to: children in its return, and events of what they tell.

    `told` are events recorded that no return tells.
    """

    slug: str
    outcome: str
    children: int
    recorded: int
    refused: int
    told: int
    events: Events


def play_borough(stage: Stage, authority: Authority, line: Connection) -> None:
    """Play one borough. While the others are still publishing, the next return is made."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    history = InventedHistory(stage.table, authority.code)
    clock = stage.clock()
    settle_memory()
    with borough_client(authority.slug, stage.passphrase, clock=clock) as client:
        for load in stage.loads:
            if load.is_by(authority, stage.table):
                with stage.file_of(authority, load.year).open("w+b") as file:
                    _write(history, load, file)
                    line.recv()
                    line.send(_published(stage, authority, load, (file, client, clock)))
        _keep_beating(line, [client])


def _write(history: InventedHistory, load: Load, file: BinaryIO) -> None:
    if load.again is None:
        history.write(file, load.year)
    else:
        history.write_again(file)
    file.flush()
    file.seek(0)


def _published(
    stage: Stage,
    authority: Authority,
    load: Load,
    means: tuple[BinaryIO, BoroughClient, SteppedClock],
) -> Loaded:
    file, client, clock = means
    today = _today(clock)
    report = publish_return(file, Wanted(authority.code, load.year), client, today=today)
    client.publish(_told_beside(stage, authority, load, (file, today)))
    sent = client.send()
    report.close()
    return _loaded(authority.slug, report, sent.recorded)


def _told_beside(
    stage: Stage, authority: Authority, load: Load, source: tuple[BinaryIO, datetime.date]
) -> Iterator[Draft]:
    """Give what a borough tells beside its return, once a year."""
    file, today = source
    if load.again is not None:
        return
    if load == stage.loads[-1]:
        yield from explanations(stage.table, authority, load.year, today=today)
    if authority == stage.authorities[0]:
        yield from discussions(file, load.year)
    others = [one for one in stage.authorities if one != authority]
    for there in others[:1]:
        moved = move(file, here=authority, there=there, told=today - datetime.timedelta(days=9))
        yield from (moved,) if moved else ()


def _loaded(slug: str, report: Report, told: int) -> Loaded:
    delivery = report.delivery or Delivery()
    return Loaded(
        slug,
        report.outcome.name.lower().replace("_", " "),
        next((row.understood or 0 for row in report.rows if row.kind == "child"), 0),
        delivery.recorded,
        delivery.refused,
        told,
        total(row.events for row in report.rows if row.events),
    )


def play_police(stage: Stage, police: str, line: Connection) -> None:
    """Play the police command, which reports the figures of each year to each borough's ledger."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settle_memory()
    with ExitStack() as closing:
        clients = [
            closing.enter_context(
                borough_client(police, stage.passphrase, feed=one.slug, clock=stage.clock())
            )
            for one in stage.authorities
        ]
        reports = list(zip(stage.authorities, clients, strict=True))
        for load in stage.loads:
            if load.again is None:
                line.recv()
                line.send([_reported(about, client, load) for about, client in reports])
        _keep_beating(line, clients)


def _reported(authority: Authority, client: BoroughClient, load: Load) -> int:
    """Report a year's months; gives how many events were recorded."""
    first, last = f"{load.year - 1}-04-01", f"{load.year}-03-31"
    facts = (one for one in police_figures(authority.gss) if first <= one.period_end <= last)
    client.publish(map(_figure, facts))
    return client.send().recorded


def _figure(facts: FigureReported.Facts) -> Draft:
    ended = datetime.date.fromisoformat(facts.period_end)
    return Draft(
        kind=FigureReported,
        key=(facts.measure, facts.area, facts.period_start),
        stream=(facts.measure, facts.area),
        time=start_of_london_day(ended),
        facts=facts,
    )


def _keep_beating(line: Connection, clients: list[BoroughClient]) -> None:
    """Send canaries as they come due: a first time when told to, then on until the line closes."""
    while True:
        if line.poll(BEAT_S):
            try:
                line.recv()
            except EOFError:
                return
            line.send([_beat(client) for client in clients])
        else:
            for client in clients:
                _beat(client)


def _beat(client: BoroughClient) -> bool:
    beaten = client.beat()
    client.send()
    return beaten


def _today(clock: SteppedClock) -> datetime.date:
    return datetime.datetime.fromtimestamp(clock.now_ms() / 1000, LONDON).date()
