"""The registered list of tables that releases have: which themes and measures, and how far back.

By quarter and by year to 31 March, for each borough. A month is never shown, and no attribute is
crossed with another: the list has no way to ask for either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from domain.errors import Fault
from domain.reference.dated import Document, Slug, Title, doubled, unknown
from domain.reference.reference_figures import Column
from domain.values import Strict


class ReleaseTable(Strict):
    """One table: a theme's measures, all of them or those named."""

    code: Slug
    measures: tuple[Slug, ...] = ()
    """Empty for every measure of the theme."""
    theme: Slug
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

    factor_figures: Slug
    """The reference figures that publish the columns of the factor mapping."""
    kind: Literal["release-tables"]
    policy: Slug
    """The rules of hiding by which it was agreed to publish."""
    published: tuple[PublishedElsewhere, ...] = ()
    tables: Annotated[tuple[ReleaseTable, ...], Field(min_length=1, max_length=32)]
    years: Annotated[int, Field(ge=1, le=20)]
    """How many years to 31 March, the last complete one included."""

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together between tables."""
        yield from super().rules()
        yield from doubled((table.code for table in self.tables), "tables.{}.code")
        yield from unknown([self.policy], POLICIES, place="policy")


POLICIES = frozenset({"small-numbers-1"})
"""The rules that there are: 1 to 5 hidden, moves by 1 to 5 and rests of shares from 1 to 5 too, and
three values left of each."""
