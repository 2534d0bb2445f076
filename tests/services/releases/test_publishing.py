"""Publishing a release: once, fixed, attacked as it was written, and again by another attacker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from adapters.suppression.highs import Highs
from domain.errors import AlreadyDifferent, ReferenceRefused
from domain.reference.documents import document_digest
from domain.reference.releases import Release
from domain.values import to_text
from domain.vocabulary.hub import ReleasePublished
from projections.erasures import ERASURES
from projections.projection import Way
from services.releases import publishing
from services.releases.figures import Figures, Hidden, Issued, is_small
from services.releases.hiding import hide
from services.releases.publishing import PublishedRelease, Releasing, releases
from services.releases.relations import quarters_of
from services.releases.solver import Solver
from services.views import Counted, Counts, Question, ToldRow
from tests.fakes_views import FakeViews
from tests.hub_rig import HubRig, open_rig
from tests.services.releases.attacker import Attacker, Key

COUNTS = (3, 14, 0, 8, 22, 9, 1, 31, 17, 6, 2, 12)
YEARS = ("2021", "2022", "2023", "2024", "2025")


class CountedViews(FakeViews):
    """Views in which every cell has events by quarter, so that cells and quarters add up."""

    def __init__(self, turn: int = 0) -> None:
        """Begin the invented counts somewhere else for another `turn`."""
        super().__init__()
        self._turn = turn

    def tells(self, cells: Collection[str]) -> set[str]:
        """Say of which of these cells Havering's source tells: contacts, exclusions, factors."""
        told = ("contact", "referral", "exclusion:weapon", "factor:")
        return {cell for cell in cells if cell.startswith(told)}

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is told of, however it is asked."""
        rows = []
        for group, cells in question.groups.items():
            told = self.tells(cells) if way is None else set()
            for year in YEARS:
                quarters = {q: sum(self._in(cell, q) for cell in told) for q in quarters_of(year)}
                if question.period == "year-to-march":
                    quarters = {year: sum(quarters.values())}
                if question.period == "month":
                    quarters = {
                        f"{first[:5]}{int(first[5:]) + later:02}": n
                        for first, n in quarters.items()
                        for later in range(3)
                    }
                rows += [
                    Counted("havering", group, period, n, n, n)
                    for period, n in quarters.items()
                    if n
                ]
        return Counts(tuple(sorted(rows)), dict(question.as_of or {}))

    def _in(self, cell: str, quarter: str) -> int:
        at = sum(map(ord, cell)) + int(quarter[:4]) * 4 + int(quarter[5:]) // 3 + self._turn
        return COUNTS[at % len(COUNTS)]


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub in memory."""
    with open_rig() as opened:
        yield opened


def releasing(rig: HubRig, turn: int = 0) -> Releasing:
    """Give what publishes releases of the invented views."""
    views = CountedViews(turn)
    return Releasing(lambda: views, rig.registering, Highs(), "views/1")


@dataclass(frozen=True, slots=True)
class Made:
    """A hub, and the one release that it published."""

    rig: HubRig
    done: PublishedRelease


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    """Publish a release once for all that is asked of it: hiding takes seconds."""
    with open_rig() as rig:
        yield Made(rig, releasing(rig).publish())


def attack(release: Release) -> dict[Key, set[int]]:
    """Attack one release by its cells alone, knowing only that quarters add up to their year."""
    attacker = Attacker()
    attacker_keys: dict[Key, dict[str, Key]] = defaultdict(dict)
    for table in release.tables:
        for series in table.series:
            name = (table.code, series.measure, series.breakdown, series.borough)
            for period, text in zip(table.periods, series.numerators, strict=True):
                if text:
                    attacker.read((*name, period), text)
                    attacker_keys[name][period] = (*name, period)
    for periods in attacker_keys.values():
        for year in set(periods) & set(YEARS):
            quarters = [periods[one] for one in quarters_of(year) if one in periods]
            if len(quarters) == len(quarters_of(year)):
                attacker.adds_up(quarters, periods[year])
    return attacker.narrowed()


def test_release_is_published_once_and_stands(made: Made) -> None:
    """What is published is what the register gives from then on, byte for byte, and only once."""
    rig, done = made.rig, made.done
    assert [one.canonical() for one in releases(rig.registry)] == [done.raw]
    assert done.release.loss.small > 0
    with pytest.raises(AlreadyDifferent):
        releasing(rig, turn=1).publish()
    said = [
        event.facts
        for event in rig.partnership.opened()
        if isinstance(event.facts, ReleasePublished.Facts)
    ]
    assert [one.digest for one in said] == [to_text(document_digest(done.raw))]
    assert said[0].cells_hidden == done.release.loss.hidden()


def test_other_attacker_narrows_nothing_of_a_release(made: Made) -> None:
    """An attacker who has only the document finds three values of every hidden figure."""
    assert attack(made.done.release) == {}


class NothingTurnedAway(CountedViews):
    """Views of a borough that decided on every referral, and turned none away."""

    def tells(self, cells: Collection[str]) -> set[str]:
        """Say that no referral was ever closed without further action."""
        return super().tells(cells) - {"referral:nfa"}


def test_share_of_which_nothing_was_ever_told_is_zero(rig: HubRig) -> None:
    """Where its whole is told of, a share that never was is shown as none, and is published."""
    views = NothingTurnedAway()
    done = Releasing(lambda: views, rig.registering, Highs(), "views/1").publish()
    [series] = [
        series
        for table in done.release.tables
        for series in table.series
        if series.measure == "no-further-action"
    ]
    assert {one for one in series.numerators if one} == {"0"}


def test_no_share_leaves_a_small_number(made: Made) -> None:
    """Where a share is shown beside its whole, what is left is none, or six and more."""
    shares = [
        int(whole) - int(part)
        for table in made.done.release.tables
        for series in table.series
        for part, whole in zip(series.numerators, series.denominators, strict=False)
        if part.isdecimal() and whole.isdecimal()
    ]
    assert shares
    assert not [left for left in shares if is_small(left)]


def test_same_counts_give_the_same_bytes(made: Made, rig: HubRig) -> None:
    """Two hubs with the same events publish the same release."""
    assert releasing(rig).publish().raw == made.done.raw


def test_nobody_registers_a_release_from_a_file(made: Made) -> None:
    """A release is made by the hub alone, never drafted as a file."""
    with pytest.raises(ReferenceRefused):
        made.rig.registering.register(made.done.raw)


def test_a_month_has_no_place_in_a_release(made: Made) -> None:
    """Periods are complete years and quarters; nothing of the month that runs is in them."""
    for table in made.done.release.tables:
        assert all(len(one) == 4 or one[5:] in {"01", "04", "07", "10"} for one in table.periods)
        quarters = [one for one in table.periods if len(one) > 4]
        assert max(quarters, default=None) == (None if table.theme is None else "2025-01")


class AnErasure(CountedViews):
    """Views that tell of somebody who was erased at a position of Havering's ledger."""

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Tell of it alone."""
        del as_of
        told = telling == ERASURES.name and "havering" in ledgers
        return [ToldRow("havering", 0, "request", b"{}")] if told else []


def test_what_an_earlier_release_hid_is_known_to_be_of_before_an_erasure(
    rig: HubRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody was erased since it was made: so all that it hid is held to stay hidden."""
    releasing(rig).publish("2025-05")
    met: list[bool] = []

    def hiding(figures: Figures, earlier: Sequence[Issued], solver: Solver) -> Hidden:
        met.extend(one.erased for one in earlier)
        return hide(figures, earlier, solver)

    monkeypatch.setattr(publishing, "hide", hiding)
    views = AnErasure()
    Releasing(lambda: views, rig.registering, Highs(), "views/1").publish()
    assert met == [True]
