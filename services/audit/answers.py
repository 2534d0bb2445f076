"""A past answer, asked again: the same question of views that are folded to what it was made from.

What it is made from are its positions; how far ledgers were folded, since feeds tell of that; and
what was registered up to its last registration, on its day. Whether the reader might read it by
what was registered then is decided anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args

from domain.answered import Answered, AskedFor
from domain.canonical import JsonValue
from domain.errors import AnswerRefused, NotAuthorised
from domain.reference.participants import PARTNERSHIP
from domain.values import day_of, instant_of, start_of_london_day
from services import accesses, cross_borough, history, indicators, loads, strategy_discussions
from services.accesses import AccessAsked
from services.answering import Answering, Means
from services.audit.asking import NobodyAsks
from services.audit.replaying import DatedLog, Moment
from services.filters import Filters, as_of_ms
from services.history import HistoryAsked
from services.hub import OtherViews
from services.periods import Kind
from services.ports import Caller
from services.querying import FACTORS, FEEDS, Querying
from services.reading import Entitlements, Reading
from services.registry import Registry
from services.views import Cut

Answer = Mapping[str, JsonValue]
T = TypeVar("T")


def moment_of_answer(
    past: Answered, ledgers: Mapping[str, DatedLog], told_ms: int | None
) -> Moment:
    """Give what an answer is replayed from; `told_ms` is by which time it told ages, if it did.

    Raises AnswerRefused for one that could not be given on its day, or names no ledger of these.
    """
    begins = _begins_ms(past)
    ends = as_of_ms(past.registered.day)
    sizes = {**past.folded, PARTNERSHIP: past.folded.get(PARTNERSHIP, 0)}
    registered = past.registered.entries
    for name, size in (*sizes.items(), *past.positions.items(), (PARTNERSHIP, registered)):
        if name not in ledgers:
            raise AnswerRefused("a ledger that is not here")
        if size > ledgers[name].size_as_of(ends):
            raise AnswerRefused("more entries than were recorded by its day")
    # Whatever was registered before that day was known on it: an answer cannot have it otherwise.
    known = max(registered, ledgers[PARTNERSHIP].size_as_of(begins - 1))
    return Moment(told_ms if told_ms is not None else begins, sizes, known)


def _begins_ms(past: Answered) -> int:
    return _ms(start_of_london_day(day_of(past.registered.day)))


def _ms(moment: str) -> int:
    return int(instant_of(moment).timestamp() * 1000)


class AnsweringAgain(Answering):
    """Answers as of the positions that a past answer carried.

    A recorded time of before its day says how many entries there were, and is not asked of the
    answer. One of that day may have been yet to come, and then it was as of then.
    """

    def __init__(self, means: Means, registry: Registry, past: Answered) -> None:
        """Answer by what was registered then."""
        super().__init__(means, registry, NobodyAsks())
        self._carried = {PARTNERSHIP: past.registered.entries, **past.positions}
        self._begins = _begins_ms(past)

    def positions(self) -> dict[str, int]:
        """Give the positions of every ledger in use."""
        return {name: self._carried.get(name, 0) for name in super().positions()}

    def positions_as_of(
        self, ledgers: Sequence[str], recorded_ms: int | None = None
    ) -> dict[str, int]:
        """Give the positions of these ledgers."""
        carried = {name: self._carried.get(name, 0) for name in ledgers}
        if recorded_ms is None:
            return carried
        by_then = self.recorded_by(ledgers, recorded_ms)
        if recorded_ms < self._begins:
            return by_then
        return {name: min(size, by_then[name]) for name, size in carried.items()}


def reading_of(past: Answered) -> Reading:
    """Give the request that an answer was given to, but for the person, whom it does not name."""
    caller = Caller(past.read_by.participant, None, past.read_by.office, "auditor")
    return Reading(caller, past.agreement, past.purpose, "terminal")


def not_to_be_read(past: Answered, by: Entitlements) -> str | None:
    """Say why an answer might not be read by what was registered, in a word; None where it might.

    Whether the agreement was suspended is asked of the beginning of its day.
    """
    views = {past.view, past.filters.theme or past.view}
    try:
        for view in sorted(views):
            by.allow(reading_of(past), view)
    except NotAuthorised as refusal:
        return refusal.reason
    return None


@dataclass(frozen=True, slots=True)
class Again:
    """What answers past answers again."""

    querying: Querying
    others: OtherViews

    @classmethod
    def over(cls, answering: AnsweringAgain) -> Again:
        """Make it over one desk."""
        return cls(Querying(answering), OtherViews.of(answering))

    def answer(self, past: Answered) -> Answer:
        """Ask what was asked; raises what asking raises, AnswerRefused for no question of ours."""
        reading = reading_of(past)
        ask = self._asking().get(past.view)
        if ask is not None:
            return ask(reading, past.filters)
        return self.querying.theme(reading, past.view, _filters(past.filters))

    def _asking(self) -> Mapping[str, Callable[[Reading, AskedFor], Answer]]:
        others, querying = self.others, self.querying
        return {
            FACTORS: lambda reading, asked: querying.factors(reading, _filters(asked)),
            FEEDS: lambda reading, _: querying.feeds(reading),
            accesses.VIEW: lambda reading, asked: others.accesses.answer(reading, _access(asked)),
            cross_borough.VIEW: lambda reading, asked: others.cross_borough.answer(
                reading, _filters(asked)
            ),
            history.VIEW: lambda reading, asked: others.history.answer(
                reading, _said(asked.theme), _history(asked)
            ),
            indicators.VIEW: lambda reading, asked: others.indicators.answer(
                reading, _filters(asked)
            ),
            loads.VIEW: lambda reading, asked: others.loads.answer(reading, asked.borough),
            strategy_discussions.VIEW: lambda reading, asked: others.strategy_discussions.answer(
                reading, _filters(asked)
            ),
        }


def _filters(asked: AskedFor) -> Filters:
    return Filters(
        year=None if asked.year is None else _number(asked.year),
        borough=asked.borough,
        period=_one_of(get_args(Kind), asked.period),
        cut=_one_of(get_args(Cut), asked.cut),
        as_of=asked.as_of,
        occurred_to=asked.occurred_to,
    )


def _history(asked: AskedFor) -> HistoryAsked:
    return HistoryAsked(_said(asked.before), asked.after, _filters(asked))


def _access(asked: AskedFor) -> AccessAsked:
    return AccessAsked(asked.borough, asked.before, _number(_said(asked.limit)))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise AnswerRefused("a number that is none")
    return int(text)


def _said(text: str | None) -> str:
    if text is None:
        raise AnswerRefused("a question that says too little")
    return text


def _one_of(known: Iterable[T], text: str | None) -> T | None:
    """Give what a text is among what we know."""
    if text is None:
        return None
    for one in known:
        if one == text:
            return one
    raise AnswerRefused("a period or cut that is none")


def told_by(document: Answer) -> int | None:
    """Give the time by which an answer told how old something is; None where it told no age."""
    rows = document.get("rows")
    first = rows[0] if isinstance(rows, Sequence) and not isinstance(rows, str) and rows else None
    at = first.get("at") if isinstance(first, Mapping) else None
    try:
        return _ms(at) if isinstance(at, str) else None
    except ValueError:
        raise AnswerRefused("a time that is none") from None
