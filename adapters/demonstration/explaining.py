"""What the boroughs of the demonstration say of their figures: which change is one of recording.

Invented, but for the figures: what is explained is looked up in the published table, so a borough
explains a code that it does not file, one that it files although it is retired, or its largest
change of the year.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from adapters.returns.published_figures import Authority, PublishedTable
from domain.values import start_of_london_day
from domain.vocabulary.figures import FigureExplained, Theme
from services.borough.drafting import Draft

OFFICE: Final = "director"
_NONE_HERE: Final = "Child_criminal_exploitation"
_RETIRED: Final = "Physical_Abuse_unknown"
_RETIRED_AFTER: Final = 2020
_MANY: Final = 40
_THEMES: Final[Mapping[str, tuple[str, Theme]]] = {
    "Child_criminal_exploitation": ("factor-24a", "exploitation"),
    "Child_sexual_exploitation": ("factor-11a", "exploitation"),
    "Trafficking": ("factor-12a", "exploitation"),
    "Gangs": ("factor-13a", "knife-crime-and-gangs"),
    "Physical_Abuse_unknown": ("factor-18a", "knife-crime-and-gangs"),
    "Domestic_Abuse_child": ("factor-3a", "domestic-abuse"),
    "Domestic_Abuse_parent": ("factor-3b", "domestic-abuse"),
    "Domestic_Abuse_person": ("factor-3c", "domestic-abuse"),
    "Neglect": ("factor-16a", "pre-birth-and-neglect"),
}
"""The measure of each published column, and the theme that it is printed under."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one column's figure."""

    column: str
    judgement: Literal["real", "recording", "both"]
    text: str


def explanations(
    table: PublishedTable, authority: Authority, year: int, *, today: datetime.date
) -> Iterator[Draft]:
    """Give what an authority says of its figures of the year to 31 March `year`."""
    for said in _said(table, authority, year):
        measure, theme = _THEMES[said.column]
        yield Draft(
            kind=FigureExplained,
            key=("explained", measure, str(year)),
            stream=("explained", measure),
            time=start_of_london_day(today),
            facts=FigureExplained.Facts(
                borough=authority.slug,
                judgement=said.judgement,
                measure=measure,
                office=OFFICE,
                period_end=f"{year}-03-31",
                period_start=f"{year - 1}-04-01",
                text=said.text,
                theme=theme,
            ),
        )


def _said(table: PublishedTable, authority: Authority, year: int) -> Iterator[Said]:
    codes = [one.code for one in table.authorities(year)]
    here = {name: table.cell(year, authority.code, column=name).value for name in _THEMES}
    peers = [table.cell(year, code, column=_NONE_HERE).value or 0 for code in codes]
    none_here = here[_NONE_HERE] == 0 and max(peers) >= _MANY
    if none_here:
        yield Said(
            _NONE_HERE,
            "recording",
            "None filed, which is not none known. Our system still offers the list of before 2021, "
            "so workers record this under gangs and going missing. The new list comes in autumn.",
        )
    retired = year > _RETIRED_AFTER and (here[_RETIRED] or 0) >= _MANY
    if retired:
        yield Said(
            _RETIRED,
            "recording",
            "Filed under the code that ended in 2021 and not under those that took its place: by "
            "whom the child was hurt was recorded, and is lost in our export.",
        )
    change = _largest_change(table, authority, year, here)
    if change and not (none_here or retired):
        yield Said(
            change,
            "both",
            "More of it, and more of it written down: every assessment is now read by a second "
            "manager before it is authorised, who asks for what is missing.",
        )


def _largest_change(
    table: PublishedTable, authority: Authority, year: int, here: Mapping[str, int | None]
) -> str | None:
    """Give the column with the largest rise on the year before, if any rose at all."""
    if not any(one.code == authority.code for one in table.members.get(year - 1, ())):
        return None
    rises = {
        name: now / before
        for name, now in here.items()
        if (before := table.cell(year - 1, authority.code, column=name).value)
        and now is not None
        and now - before >= _MANY
    }
    return max(rises, key=lambda name: rises[name], default=None)
