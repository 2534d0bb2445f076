"""One row of a theme's answer, as a plain document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from domain.canonical import JsonValue
from projections.explanations import Explanation
from services.acknowledging import instant
from services.periods import Kind, Window, label
from services.theming.comparators import Comparator
from services.theming.explanations import covers
from services.theming.flags import Flag
from services.theming.numbers import Number, Place
from services.theming.rates import change_percent


def row(
    place: Place, kind: Kind, cut: str, now: Number, before: Number | None
) -> dict[str, JsonValue]:
    """Give what a row says of its number, and of the same a year before."""
    first, last = place.window.days()
    line = place.figure.line
    return {
        "borough": place.borough.code,
        "breakdown": place.figure.breakdown,
        **_changed(now, before),
        "counts": line.unit if line is not None and now.source == "events" else "reported",
        "cut": cut,
        "denominator": now.denominator,
        "denominator_source": now.denominator_source,
        "mark": now.mark,
        "measure": place.figure.measure.code,
        "no_rate": now.no_rate,
        "numerator": now.numerator,
        "per": now.per,
        "period": label(kind, place.window),
        "period_from": first.isoformat(),
        "period_to": last.isoformat(),
        "rate": now.rate,
        "source": now.source,
        "value": place.value,
    }


def _changed(now: Number, before: Number | None) -> dict[str, JsonValue]:
    if before is None:
        return {"change": None, "change_percent": None, "year_before": None}
    earlier: dict[str, JsonValue] = {"numerator": before.numerator, "rate": before.rate}
    if now.numerator is None or before.numerator is None:
        return {"change": None, "change_percent": None, "year_before": earlier}
    return {
        "change": now.numerator - before.numerator,
        "change_percent": change_percent(before.numerator, now.numerator),
        "year_before": earlier,
    }


def beside(
    window: Window,
    comparators: Sequence[Comparator],
    flags: Iterable[Flag],
    explained: Sequence[Explanation],
) -> dict[str, JsonValue]:
    """Give what stands beside a row's number."""
    return {
        "comparators": [asdict(one) for one in comparators],
        "explanations": [
            {
                "covers": covers(one, window),
                "event": one.event,
                "judgement": one.judgement,
                "office": one.office,
                "period_end": one.period_end,
                "period_start": one.period_start,
                "recorded": instant(one.recorded_ms),
                "text": one.text,
                "through": one.through,
            }
            for one in explained
        ],
        "flags": [asdict(one) for one in flags],
    }
