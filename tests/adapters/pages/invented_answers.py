"""Answers of the shape that `/v1` gives, invented: enough of each kind for a page to show it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from domain.canonical import JsonValue
from domain.reference.factor_mapping import FactorMapping, Measure
from tests.rig_publisher import Json

BOROUGHS = ("barking-and-dagenham", "havering", "redbridge")
NAMES = ("Barking and Dagenham", "Havering", "Redbridge")
HOSTILE = "<script>alert('x')</script>"
MONTHS = 24


def envelope(view: str, **changes: JsonValue) -> Json:
    """Give what every answer says."""
    feeds: list[JsonValue] = [feed(borough) for borough in BOROUGHS]
    said: Json = {
        "agreement": "bhr-themes@1",
        "as_of": None,
        "boroughs": [
            {"code": code, "la_code": None, "ledger": code, "name": name}
            for code, name in zip(BOROUGHS, NAMES, strict=True)
        ],
        "erasures_since": 2,
        "feeds": feeds,
        "filters": {},
        "folded": dict.fromkeys(BOROUGHS, 12345),
        "mapping": {
            "digest": "A" * 43,
            "note": "Which factor speaks to which theme is the partnership's own judgement.",
            "reference": "factor-mapping@1",
        },
        "left_out": {},
        "note": "Low and high counts are not performance judgements: ask what lies behind them.",
        "parked": {},
        "policy": None,
        "positions": dict.fromkeys(BOROUGHS, 12345),
        "proof": "unwitnessed",
        "purpose": "partnership-themes",
        "read_by": {"office": "director", "participant": "havering"},
        "registered": {"day": "2024-05-01", "entries": 40},
        "right": "live",
        "rows": [],
        "rule_packs": ["wt2023@1", "london-cp@1"],
        "suppression": "none: live figures",
        "view": view,
        "views_version": "bhr-views/v1 assessments/1",
    }
    return {**said, **changes}


def feed(borough: str, **changes: JsonValue) -> Json:
    """Give a source's health."""
    said: Json = {
        "canary": "2025-06-14T06:00:00Z",
        "data_to": "2023-03-31",
        "events": 20123,
        "gaps": [[41, 43]] if borough == "havering" else [],
        "gaps_no_longer_listed": 0,
        "twice": [],
        "ledger": borough,
        "loaded_on": "2023-05-20T09:30:00Z",
        "parked": 3 if borough == "redbridge" else 0,
        "refused": 0,
        "source": f"/participants/{borough}/children-social-care",
        "withdrawn": 7,
    }
    return {**said, **changes}


def aged(borough: str) -> Json:
    """Give a source's health as feeds show it, with the age of its sign of life."""
    told: Json = {"at": "2024-05-01T09:00:00Z", "canary_age_s": 3600, "quiet": False}
    return {**feed(borough), **told, "rhythm_hours": 24}


def theme_with(measures: list[JsonValue], rows: list[JsonValue], *breaks: JsonValue) -> Json:
    """Give a theme's answer with these measures, rows and breaks."""
    return envelope(
        "domestic-abuse",
        also={"measures": [], "rows": []},
        breaks=list(breaks),
        factors=[],
        measures=measures,
        period="rolling-12",
        rows=rows,
        title="A theme",
    )


def theme_answer(mapping: FactorMapping, code: str, *, empty: bool = False) -> Json:
    """Give a theme's answer: every measure but the first two of each has figures."""
    theme = mapping.theme(code)
    assert theme is not None
    fed = [] if empty else [one for one in theme.measures if one.factors] or theme.measures[1:4]
    rows: list[JsonValue] = [row for one in fed for row in _rows(one)]
    breaks: list[JsonValue] = [
        {"borough": "havering", "day": "2022-04-02", "reason": "Havering changed its case system"},
        {"borough": None, "day": "1999-01-01", "reason": "Long before anything shown"},
    ]
    return envelope(
        code,
        also={"measures": [], "rows": []},
        breaks=[] if empty else breaks,
        factors=[],
        measures=[_measure(one, one in fed) for one in theme.measures],
        period="rolling-12",
        rows=rows,
        title=theme.title,
    )


def _measure(measure: Measure, fed: bool) -> JsonValue:  # noqa: FBT001 - a fact of the measure
    whole: Json = {"breakdown": "", "counts": "episodes", "share": False, "title": ""}
    parts: list[JsonValue] = [
        {"breakdown": part.code, "counts": "episodes", "share": False, "title": part.title}
        for part in measure.breakdown
    ]
    return {
        "code": measure.code,
        "could_be_fed_by": measure.could_be_fed_by,
        "events": list(measure.fed_by),
        "fed_by": list(BOROUGHS) if fed else [],
        "lines": [whole, *parts],
        "not_compared": None,
        "source": "events" if fed else "no source yet",
        "title": measure.title,
        "unit": measure.unit,
    }


def _rows(measure: Measure) -> Iterator[Json]:
    for part in ("", *(one.code for one in measure.breakdown[:1])):
        for index, borough in enumerate(BOROUGHS):
            for month in range(MONTHS):
                if (index, month) in {(2, 5), (2, 6)}:
                    continue  # a gap
                yield _row(measure, part, borough, month)


def figure(borough: str, month: int, **changes: JsonValue) -> Json:
    """Give one figure of a borough, some months after April 2021; `changes` replace its fields."""
    measure = Measure(code="factor-3a", could_be_fed_by="each borough", title="Factor 3A")
    return {**_row(measure, "", borough, month), "flags": [], "explanations": [], **changes}


def _row(measure: Measure, part: str, borough: str, month: int) -> Json:
    end = _month_end(2021, 4 + month)
    start = _month_end(2020, 4 + month) + datetime.timedelta(days=1)
    now, before = _counts(measure, borough, month)
    last_of_3a = (measure.code, part, month) == ("factor-3a", "", MONTHS - 1)
    explained = last_of_3a and borough == "havering"
    compared: list[JsonValue] = [
        {"area": area, "rate": rate, "source": "DfE, children in need", "year": 2023}
        for area, rate in (("England", "51.2"), ("London", "48.0"), ("Outer London", "47.3"))
    ]
    said: Json = {
        "borough": borough,
        "breakdown": part,
        "change": now - before,
        "change_percent": f"{100 * (now - before) / before:.1f}" if before else None,
        "comparators": compared,
        "explanations": [_explained(start, end)] if explained else [],
        "flags": _flags(now, jumped=(borough, month) == ("havering", MONTHS - 4)),
        "measure": measure.code,
        "no_rate": None,
        "numerator": now,
        "period": f"{end:%Y-%m}",
        "period_from": start.isoformat(),
        "period_to": end.isoformat(),
        "rate": f"{now / 2.5:.1f}",
        "year_before": {"numerator": before, "rate": f"{before / 2.5:.1f}"},
    }
    return {**said, **OF_EPISODES}


OF_EPISODES: Json = {
    "counts": "episodes",
    "cut": "",
    "denominator": 2500,
    "denominator_source": "episodes with factors recorded, the same period",
    "mark": None,
    "per": 1000,
    "source": "events",
    "value": "",
}


def _counts(measure: Measure, borough: str, month: int) -> tuple[int, int]:
    """Give a count and that of the year before: Havering rises, and has no 24A at all."""
    rising = borough == "havering"
    size = 100 + 60 * BOROUGHS.index(borough) + len(measure.code)
    now = size + (month * 9 if rising else month // 3)
    if rising and measure.code == "factor-24a":
        return 0, 0
    return now, now - (108 if rising else 4)


def _flags(now: int, *, jumped: bool) -> list[JsonValue]:
    found: list[JsonValue] = []
    if jumped:
        reason = "It rose by a half within a quarter, which practice alone cannot do."
        found.append({"code": "jump", "letter": "a", "reason": reason})
    if now == 0:
        reason = "Zero or nearly so, where Redbridge has 217."
        found.append({"code": "near-zero", "letter": "b", "reason": reason})
    return found


def _explained(start: datetime.date, end: datetime.date) -> JsonValue:
    return {
        "event": "019aa000-0000-7000-8000-000000000001",
        "covers": True,
        "judgement": "recording",
        "office": "director",
        "period_end": end.isoformat(),
        "period_start": start.isoformat(),
        "recorded": "2025-06-03T10:15:00Z",
        "text": f"A new form asks for it since May. {HOSTILE}",
        "through": "hub",
    }


def _month_end(year: int, month: int) -> datetime.date:
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    return following - datetime.timedelta(days=1)
