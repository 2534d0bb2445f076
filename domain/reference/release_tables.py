"""The registered list of tables that releases have: which themes and measures, and how far back.

By quarter and by year to 31 March, for each borough; children whom two boroughs know by year alone.
A month is never shown, and no attribute is crossed with another: the list has no way to ask for
either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from domain.errors import Fault
from domain.reference.dated import Document, Slug, Title, doubled, fault, unknown
from domain.reference.reference_figures import Column
from domain.values import Strict


class ReleaseTable(Strict):
    """One table: a theme's measures, all of them or those named."""

    code: Slug
    measures: tuple[Slug, ...] = ()
    """Empty for every measure of the theme."""
    theme: Slug
    title: Title


class CrossBoroughTable(Strict):
    """One table of children whom two boroughs know, by pair and theme: all themes, or those named.

    By year to 31 March alone: a quarter's counts would nearly all be hidden, and would tell when a
    single child crossed a border.
    """

    code: Slug
    themes: tuple[Slug, ...] = ()
    """Empty for every theme."""
    title: Title


class PublishedElsewhere(Strict):
    """A column of a published table that counts what cells of ours count, by year and authority."""

    cells: Annotated[tuple[str, ...], Field(min_length=1)]
    column: Column
    counts: Literal["events", "episodes", "children"]
    figures: Slug
    """The name of the registered reference figures."""


class ReleaseTables(Document):
    """The tables of a release in one version."""

    cross_borough: Annotated[tuple[CrossBoroughTable, ...], Field(max_length=4)] = ()
    factor_figures: Slug
    """The reference figures that publish the columns of the factor mapping."""
    kind: Literal["release-tables"]
    policy: Slug
    """The rules of hiding by which it was agreed to publish."""
    published: tuple[PublishedElsewhere, ...] = ()
    tables: Annotated[tuple[ReleaseTable, ...], Field(min_length=1, max_length=32)]
    years: Annotated[int, Field(ge=1, le=20)]
    """How many years to 31 March, the last complete one included."""

    def listed(self) -> Iterator[tuple[str, str, str | None]]:
        """Give each table's code and title, and its theme: None for one across themes."""
        yield from ((one.code, one.title, one.theme) for one in self.tables)
        yield from ((one.code, one.title, None) for one in self.cross_borough)

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together between tables."""
        yield from super().rules()
        codes = [table.code for table in self.tables]
        yield from doubled(codes, "tables.{}.code")
        across = [table.code for table in self.cross_borough]
        yield from doubled(across, "cross_borough.{}.code")
        for index, code in enumerate(across):
            if code in codes:
                yield fault(f"cross_borough.{index}.code", "doubled")
        yield from unknown([self.policy], POLICIES, place="policy")


POLICIES = frozenset({"small-numbers-1"})
"""The rules that there are: 1 to 5 hidden, moves by 1 to 5 and rests of shares from 1 to 5 too, and
three values left of each."""
