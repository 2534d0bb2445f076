"""The partnership's themes, what is measured in each, and which assessment factors speak to which.

The mapping is the partnership's own judgement, not the Department's: the department publishes the
columns, and says nothing of themes. So it is registered with its dates, and every page says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.errors import Fault
from domain.reference.dated import (
    Document,
    EventName,
    Prose,
    Slug,
    Title,
    Year,
    doubled,
    fault,
    unknown,
)
from domain.values import Strict

FactorCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?[A-Z]?$")]
"""A code of the CIN Census: `13A`, `20`."""

Column = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z_]{0,62}$")]
"""A column of the published table, spelt as it is published."""

Strength = Literal["primary", "supporting"]
Unit = Literal["count", "per-1000-assessed", "share"]

REPORTED = "figure-reported"
"""The event by which a figure reaches us as a count, not as people."""


class ThemeLink(Strict):
    """A factor speaks to a theme: as what the theme is about, or as what often goes with it."""

    strength: Strength
    theme: Slug


class Factor(Strict):
    """One code, the published column that counts it, and its themes.

    `first_year` and `last_year` are the census years whose code list holds it, as far as we read
    them (2017 is the first). A code that is met later is still counted: it marks a figure as not
    comparable.
    """

    code: FactorCode
    column: Column | None
    first_year: Year
    last_year: Year | None = None
    replaced_by: tuple[FactorCode, ...] = ()
    themes: tuple[ThemeLink, ...] = ()
    title: Title


PartCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class Breakdown(Strict):
    """One part that a measure is shown by; ages go by the codes of their bands.

    `reported_as` and `population` are as those of a measure.
    """

    code: PartCode
    population: Slug | None = None
    reported_as: Slug | None = None
    title: Title


class Measure(Strict):
    """One headline of a theme.

    `fed_by` names the events that can fill it, and may be empty; where none has come yet, the page
    says "no source yet" and `could_be_fed_by` says who could. `factors` is what it counts, where it
    counts factors. `reported_as` is the name under which bodies report it as a whole where no event
    tells of it; `population` is the registered table that it is given per 10,000 of.
    """

    breakdown: tuple[Breakdown, ...] = ()
    code: Slug
    could_be_fed_by: Prose
    factors: tuple[FactorCode, ...] = ()
    fed_by: tuple[EventName, ...] = ()
    population: Slug | None = None
    reported_as: Slug | None = None
    title: Title
    unit: Unit = "count"

    def reported(self) -> bool:
        """Say whether reported figures can fill it."""
        return REPORTED in self.fed_by


class Theme(Strict):
    """One of the partnership's priorities; `measures` in the order in which they are asked."""

    also_fed_by: tuple[EventName, ...] = ()
    breaks_marked_by: tuple[EventName, ...] = ()
    """Events after which figures are not to be compared with those before."""
    code: Slug
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]
    title: Title


Least = Annotated[int, Field(ge=1, le=1_000_000)]


class Comparability(Strict):
    """When a figure is not to be compared without asking: thresholds of the partners' own.

    A jump is a figure at least `jump_times` another on a year, either way, the greater of them at
    least `jump_at_least`. Nearly none is at most `near_zero_at_most` where another borough has at
    least `peer_at_least`.
    """

    jump_at_least: Least
    jump_times: Annotated[int, Field(ge=2, le=100)]
    near_zero_at_most: Annotated[int, Field(ge=0, le=1_000_000)]
    peer_at_least: Least


class FactorMapping(Document):
    """Factors, columns and themes in one version."""

    comparability: Comparability | None = None
    """Without it, jumps and figures near zero are not flagged."""
    episodes_column: Column
    """The column that counts episodes with any factor, which is no sum of the others."""
    factors: tuple[Factor, ...]
    kind: Literal["factor-mapping"]
    themes: tuple[Theme, ...]

    def factor(self, code: str) -> Factor | None:
        """Give what is known of a code."""
        return next((factor for factor in self.factors if factor.code == code), None)

    def theme(self, code: str) -> Theme | None:
        """Give a theme by its code."""
        return next((theme for theme in self.themes if theme.code == code), None)

    def columns(self) -> tuple[Column, ...]:
        """Give every published column in the order of the codes; the episodes' column last."""
        named = (factor.column for factor in self.factors if factor.column)
        return (*dict.fromkeys(named), self.episodes_column)

    def retired_for(self, codes: Collection[str]) -> tuple[Factor, ...]:
        """Give the factors that left the list and are among these codes, or had become these."""
        wanted = frozenset(codes)
        return tuple(
            factor
            for factor in self.factors
            if factor.last_year is not None
            and not wanted.isdisjoint((factor.code, *factor.replaced_by))
        )

    def codes_of_column(self, column: str) -> tuple[FactorCode, ...]:
        """Give the codes that a published column counts."""
        return tuple(factor.code for factor in self.factors if factor.column == column)

    def codes_of_theme(
        self, theme: str, strength: Strength | None = None
    ) -> tuple[FactorCode, ...]:
        """Give the codes that speak to a theme, of one strength or of both."""
        return tuple(
            factor.code
            for factor in self.factors
            for link in factor.themes
            if link.theme == theme and strength in {None, link.strength}
        )

    def retired(self, code: str, year: int) -> bool:
        """Say whether a census of this year should not hold the code any more."""
        factor = self.factor(code)
        return factor is not None and factor.last_year is not None and factor.last_year < year

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together between factors, themes and measures."""
        yield from super().rules()
        yield from doubled((factor.code for factor in self.factors), "factors.{}.code")
        yield from doubled((theme.code for theme in self.themes), "themes.{}.code")
        yield from self._factor_rules()
        yield from self._measure_rules()

    def _factor_rules(self) -> Iterator[Fault]:
        themes = [theme.code for theme in self.themes]
        codes = [factor.code for factor in self.factors]
        for index, factor in enumerate(self.factors):
            place = f"factors.{index}."
            linked = [link.theme for link in factor.themes]
            yield from unknown(linked, themes, place=f"{place}themes.{{}}.theme")
            yield from doubled(linked, f"{place}themes.{{}}.theme")
            yield from unknown(factor.replaced_by, codes, place=f"{place}replaced_by.{{}}")
            if factor.last_year is not None and factor.last_year < factor.first_year:
                yield fault(f"{place}last_year", "dates-out-of-order")
            if factor.column == self.episodes_column:
                yield fault(f"{place}column", "counts-episodes")

    def _measure_rules(self) -> Iterator[Fault]:
        for index, theme in enumerate(self.themes):
            codes = self.codes_of_theme(theme.code)
            place = f"themes.{index}.measures."
            yield from doubled((measure.code for measure in theme.measures), f"{place}{{}}.code")
            for at, measure in enumerate(theme.measures):
                yield from unknown(measure.factors, codes, place=f"{place}{at}.factors.{{}}")
                said = (measure.reported_as, *(part.reported_as for part in measure.breakdown))
                if any(said) and not measure.reported():
                    yield fault(f"{place}{at}.fed_by", "reported-by-nobody")
                parts = (part.code for part in measure.breakdown)
                yield from doubled(parts, f"{place}{at}.breakdown.{{}}.code")
