"""Strategy discussions: held, in time or late, by reason and by the agency that was waited for.

No return says when a discussion was due. Until a borough's system publishes that, there is no
source for what is late, and the answer says so borough by borough; what was held is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, get_args

from domain.canonical import JsonValue
from domain.reference.participants import Participant
from domain.vocabulary.codes import Agency, LateReason
from services.answering import Answering, Found
from services.filters import Filters
from services.periods import Kind, window_named
from services.reading import Reading
from services.theming.comparability import Compared, Row, told_months
from services.theming.rates import rate
from services.views import Question

VIEW = "strategy-discussions"
DEFAULT_PERIOD: Final[Kind] = "quarter"
COULD_BE_FED_BY = "each borough's case system: no return says when a discussion was due"

_HELD: Final = "strategy-discussion"
_IN_TIME, _LATE = f"{_HELD}:on-time", f"{_HELD}:late"
_DUE: Final = frozenset({_IN_TIME, _LATE})
Measure = tuple[str, str]
"""What is counted, and the reason or agency of it."""

MEASURES: Final[Mapping[Measure, frozenset[str]]] = {
    ("held", ""): frozenset({_HELD}),
    ("due-known", ""): _DUE,
    ("in-time", ""): frozenset({_IN_TIME}),
    ("late", ""): frozenset({_LATE}),
    **{("late-reason", one): frozenset({f"{_LATE}:{one}"}) for one in get_args(LateReason)},
    **{("late-agency", one): frozenset({f"{_LATE}-for:{one}"}) for one in get_args(Agency)},
}
_OF: Final[Mapping[str, Measure]] = {
    "in-time": ("due-known", ""),
    "late": ("due-known", ""),
    "late-agency": ("late", ""),
    "late-reason": ("late", ""),
}


class StrategyDiscussions:
    """Answers with the boroughs' strategy discussions."""

    def __init__(self, answering: Answering) -> None:
        """Answer through the desk that every view shares."""
        self._answering = answering

    def answer(self, reading: Reading, filters: Filters) -> dict[str, JsonValue]:
        """Give what was held and what was late, by borough and period, reason and agency."""
        self._answering.allow(reading, VIEW)
        boroughs = self._answering.boroughs(filters.borough)
        period = filters.period or DEFAULT_PERIOD
        ledgers = self._answering.ledgers()
        positions = self._answering.positions_as_of(ledgers, filters.as_of_ms())
        store = self._answering.store()
        question = Question(
            groups={_name(one): cells for one, cells in MEASURES.items()},
            period=period,
            ledgers=ledgers,
            as_of=positions,
            occurred_to=filters.days()[1],
        )
        rows = self._figures(question, period, filters)
        whole = Question(groups={"due": _DUE}, period="whole", ledgers=ledgers, as_of=positions)
        fed = {one.ledger for one in store.count(whole).rows}
        sources: list[JsonValue] = [
            {"borough": one.code, "source": "events" if one.ledger in fed else NONE}
            for one in boroughs
        ]
        told: dict[str, JsonValue] = {"could_be_fed_by": COULD_BE_FED_BY, "late_known_by": sources}
        texts = {**filters.texts(), "period": period}
        return self._answering.answer(reading, VIEW, Found(rows, positions, texts, told))

    def _figures(self, question: Question, period: Kind, filters: Filters) -> list[JsonValue]:
        """Count every borough and period, whichever are shown: the flags depend on the others."""
        store, boroughs = self._answering.store(), self._answering.boroughs()
        counts = store.count(question)
        months = told_months(store, {_HELD}, boroughs, question)
        found = {(one.ledger, one.period, one.group): one.events for one in counts.rows}
        compared = Compared(
            kind=period,
            rule=self._answering.registry.mapping()[0].comparability,
            boroughs=boroughs,
            told=lambda borough, _of: months.get(borough),
        )
        rows = [row for one in boroughs for row in _rows(one, period, found)]
        first = filters.days()[0]
        return [
            row
            for row in compared.with_flags(rows, ("measure", "value"))
            if filters.borough in {None, row["borough"]}
            and (first is None or str(row["period_to"]) >= first.isoformat())
        ]


NONE: Final = "no source yet"


def _name(measure: Measure) -> str:
    return " ".join(measure).strip()


def _rows(
    borough: Participant, period: Kind, found: Mapping[tuple[str, str, str], int]
) -> Iterator[Row]:
    """Give a row for each measure that is there; lateness only where due days are known."""
    ledger = borough.ledger or ""
    for label in sorted({of for one, of, _ in found if one == ledger}):
        first, last = window_named(period, label).days()
        numbers = {one: found.get((ledger, label, _name(one)), 0) for one in MEASURES}
        for measure in _shown(numbers):
            base = _OF.get(measure[0])
            denominator = None if base is None else numbers[base]
            yield {
                "borough": borough.code,
                "denominator": denominator,
                "measure": measure[0],
                "numerator": numbers[measure],
                "per": None if base is None else 100,
                "period": label,
                "period_from": first.isoformat(),
                "period_to": last.isoformat(),
                "rate": None if denominator is None else rate(numbers[measure], denominator, 100),
                "value": measure[1],
            }


def _shown(numbers: Mapping[Measure, int]) -> Sequence[Measure]:
    """Leave out reasons and agencies that nobody named, and lateness that nobody knows of."""
    known = numbers["due-known", ""] > 0
    return [
        one for one in MEASURES if one == ("held", "") or (known and (not one[1] or numbers[one]))
    ]
