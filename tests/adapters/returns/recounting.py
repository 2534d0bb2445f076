"""Counts again, straight from an invented return, what a published table counts.

A small reader of its own, so that nothing of the project's reader is taken for granted.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from xml.etree import ElementTree

from adapters.returns.invented import write_invented_return
from adapters.returns.invented_counts import InventedCounts
from adapters.returns.published_figures import (
    Authority,
    PublishedTable,
    factor_columns,
    read_published,
    shipped_table,
)

HEADER = "year,la_code,gss_code,la_name,factor,value_as_published"
EPISODES = factor_columns().episodes
CODES = factor_columns().codes
BOROUGHS = shipped_table().authorities(2023)


def written(
    figures: PublishedTable, *, year: int, authority: Authority, seed: int = 1
) -> tuple[bytes, InventedCounts]:
    """Write one return into memory."""
    target = io.BytesIO()
    counts = write_invented_return(target, figures, year=year, authority=authority, seed=seed)
    return target.getvalue(), counts


@cache
def shipped_return(year: int, code: str) -> tuple[bytes, InventedCounts]:
    """Write one return of the shipped figures, once for all tests."""
    (authority,) = (each for each in BOROUGHS if each.code == code)
    return written(shipped_table(), year=year, authority=authority)


def children_of(document: bytes) -> Iterator[ElementTree.Element]:
    """Give each Child; fails where the document is not well formed."""
    for _, element in ElementTree.iterparse(io.BytesIO(document)):  # noqa: S314 - our own document
        if element.tag == "Child":
            yield element
            element.clear()


def texts(element: ElementTree.Element, name: str) -> list[str]:
    """Give the texts of all elements of a name, however deep."""
    return [each.text or "" for each in element.iter(name)]


def factors_in_year(episode: ElementTree.Element, year: int) -> list[set[str]]:
    """Give the codes of each assessment authorised in the year to 31 March."""
    return [
        set(texts(assessment, "AssessmentFactors"))
        for assessment in episode.iter("Assessments")
        if f"{year - 1}-04-01"
        <= (assessment.findtext("AssessmentAuthorisationDate") or "")
        <= f"{year}-03-31"
        and assessment.find("FactorsIdentifiedAtAssessment") is not None
    ]


@dataclass
class Recount:
    """Episodes, and assessments, in which a column is recorded."""

    episodes: Counter[str] = field(default_factory=Counter)
    assessments: Counter[str] = field(default_factory=Counter)


def recount(document: bytes, year: int) -> Recount:
    """Count again, straight from the file, what the published table counts."""
    result = Recount()
    for child in children_of(document):
        for episode in child.iter("CINdetails"):
            found = factors_in_year(episode, year)
            result.episodes.update(columns_of(set().union(*found)))
            for codes in found:
                result.assessments.update(columns_of(codes))
    return result


def columns_of(codes: set[str]) -> list[str]:
    """Give the published columns that a set of codes counts in."""
    if not codes:
        return []
    return [EPISODES, *(column for column, named in CODES.items() if codes.intersection(named))]


def small_table(year: int, episodes: int = 400) -> PublishedTable:
    """Give one authority that has something in every column."""
    rows = [f"{year},900,E06000099,Somewhere,{column},{episodes // 16}" for column in CODES]
    rows.append(f"{year},900,E06000099,Somewhere,{EPISODES},{episodes}")
    return read_published(io.StringIO("\n".join((HEADER, *rows))))
