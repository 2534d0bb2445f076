"""Published figures as a table: how often each factor was identified, by authority and year.

Read from a CSV of `year,la_code,gss_code,la_name,factor,value_as_published`, one row a cell. A cell
is either a count or a mark that says why there is none; a mark is kept and never guessed at. A file
that does not hold together is refused whole, every fault by row and column, without its values.
"""

from __future__ import annotations

import csv
import functools
import importlib.resources
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TextIO

from pydantic import TypeAdapter

from adapters.returns.authority_slugs import authority_slugs
from domain.errors import Fault, NotFound, ReferenceRefused

HEADINGS = ("year", "la_code", "gss_code", "la_name", "factor", "value_as_published")
FIRST_YEAR, LAST_YEAR = 2010, 2035
MOST_ROWS = 100_000  # every English authority for ten years is about 60 000
_LONGEST_NAME = 100
_LONGEST_MARK = 20
_PATTERNS = {"year": r"[0-9]{4}", "la_code": r"[0-9]{3}", "gss_code": r"[EWSN][0-9]{8}"}
_COUNT = re.compile(r"[0-9]{1,6}")
_AFTER_QUOTE = re.compile(r'(?<!")"[ \t]+(?=[,\r\n]|$)')


@dataclass(frozen=True, slots=True)
class FactorColumns:
    """Which codes of the CIN Census each published column counts, in the order of publication."""

    episodes: str
    without_column: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority: `code` of three digits, `gss` of nine characters, `slug` for a folder."""

    code: str
    gss: str
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class PublishedCell:
    """Episodes in the year to 31 March `year`: `value`, or None with the `mark` that stands there.

    `mark` is '' for a number, for an empty cell and for one that was never published.
    """

    year: int
    la_code: str
    gss_code: str
    la_name: str
    column: str
    value: int | None
    mark: str


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """Every cell of a file, by year, authority code and column."""

    cells: Mapping[tuple[int, str, str], PublishedCell]
    members: Mapping[int, tuple[Authority, ...]]

    @property
    def years(self) -> tuple[int, ...]:
        """Years that the table speaks of, each ending on its 31 March, earliest first."""
        return tuple(sorted(self.members))

    def authorities(self, year: int) -> tuple[Authority, ...]:
        """Authorities with figures for this year, by code; NotFound for any other year."""
        if year not in self.members:
            raise NotFound("year in the published figures")
        return self.members[year]

    def columns(self, year: int) -> tuple[str, ...]:
        """Columns that any authority has a cell for, the number of episodes last."""
        here = {column for (of, _, column) in self.cells if of == year}
        return tuple(column for column in _known_columns() if column in here)

    def cell(self, year: int, la_code: str, *, column: str) -> PublishedCell:
        """Give one cell; where the file has no row for it, one without number or mark."""
        if column not in _known_columns():
            raise NotFound("column in the published figures")
        for authority in self.authorities(year):
            if authority.code == la_code:
                absent = PublishedCell(
                    year, la_code, authority.gss, authority.name, column, value=None, mark=""
                )
                return self.cells.get((year, la_code, column), absent)
        raise NotFound("authority in the published figures of this year")


@functools.cache
def factor_columns() -> FactorColumns:
    """Give the published columns and their codes, as shipped."""
    return TypeAdapter(FactorColumns).validate_json(_shipped("factor-columns.json").read_bytes())


@functools.cache
def _known_columns() -> tuple[str, ...]:
    columns = factor_columns()
    return (*columns.codes, columns.episodes)


def _shipped(name: str) -> Traversable:
    return importlib.resources.files("adapters").joinpath("reference", name)


@functools.cache
def shipped_table() -> PublishedTable:
    """Give the figures that this package ships (source: `adapters/reference/SOURCES.md`)."""
    return read_published(
        io.StringIO(_shipped("published-assessment-factors.csv").read_text(encoding="utf-8"))
    )


def read_published(source: TextIO | Path) -> PublishedTable:
    """Read a whole table, or refuse it with every fault.

    Raises ReferenceRefused: its message names the first fault by row (the header is row 1) and
    column; in `faults` the row stands as `event`. Raises NotFound for a path that cannot be read.
    """
    if not isinstance(source, Path):
        return _read(source)
    try:
        raw = source.read_bytes()
    except OSError:
        raise NotFound("readable file of published figures") from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as stray:
        row = raw.count(b"\n", 0, stray.start) + 1
        raise _refusal([Fault(row, "row", "not-utf-8")]) from None
    return _read(io.StringIO(text, newline=""))


def _read(lines: TextIO) -> PublishedTable:
    reading = _Reading()
    try:
        for row, fields in _rows(lines):
            reading.take(row, fields)
    except csv.Error:
        raise _refusal([*reading.faults, Fault(reading.row + 1, "row", "not-csv")]) from None
    except UnicodeDecodeError:
        raise _refusal([*reading.faults, Fault(reading.row + 1, "row", "not-utf-8")]) from None
    if not (reading.cells or reading.faults):
        reading.faults.append(Fault(1, "row", "no-figures"))
    reading.compare()
    if reading.faults:
        raise _refusal(reading.faults)
    return PublishedTable(reading.cells, _by_year(reading.names))


def _refusal(faults: Sequence[Fault]) -> ReferenceRefused:
    """Make a refusal whose own sentence names the first place: operators read nothing else."""
    ordered = tuple(sorted(faults))
    first = ordered[0]
    where = f"row {first.event}, column {first.place} ({first.code})"
    return ReferenceRefused(f"published figures, {where}", ordered)


def _rows(lines: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not blank, with its number.

    A byte order mark and blanks after a closing quote are no part of it, though strict CSV has no
    place for either.
    """
    plain = (
        _AFTER_QUOTE.sub('"', line.removeprefix("\ufeff") if at == 0 else line)
        for at, line in enumerate(lines)
    )
    reader = csv.reader(plain, strict=True, skipinitialspace=True)
    for fields in reader:
        stripped = [text.strip() for text in fields]
        if any(stripped):
            yield reader.line_num, stripped


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what was wrong with it."""

    row: int = 0
    places: dict[str, int] = field(default_factory=dict)
    cells: dict[tuple[int, str, str], PublishedCell] = field(default_factory=dict)
    rows: dict[tuple[int, str, str], int] = field(default_factory=dict)
    names: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)
    owners: dict[tuple[int, str], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def take(self, row: int, fields: list[str]) -> None:
        """Take one row: the header first, then cells."""
        self.row = row
        if not self.places:
            if sorted(fields) != sorted(HEADINGS):
                raise _refusal([Fault(row, "row", "header-not-as-expected")])
            self.places = {heading: fields.index(heading) for heading in HEADINGS}
        elif len(self.cells) + len(self.faults) >= MOST_ROWS:
            raise _refusal([*self.faults, Fault(row, "row", "too-many-rows")])
        elif len(fields) != len(HEADINGS):
            self._fault("row", "wrong-number-of-columns")
        else:
            self._cell({heading: fields[at] for heading, at in self.places.items()})

    def _fault(self, column: str, code: str) -> None:
        self.faults.append(Fault(self.row, column, code))

    def _cell(self, texts: Mapping[str, str]) -> None:
        wrong = [*_faults_of(texts)]
        for column, code in wrong:
            self._fault(column, code)
        if wrong:
            return
        name = " ".join(texts["la_name"].split())
        year, code, gss = int(texts["year"]), texts["la_code"], texts["gss_code"]
        self._belongs(year, code, names=(gss, name))
        key = (year, code, texts["factor"])
        if key in self.cells:
            self._fault("factor", "same-cell-twice")
        count = texts["value_as_published"]
        value = int(count) if count[:1].isdigit() else None
        mark = count if value is None else ""
        self.cells[key] = PublishedCell(year, code, gss, name, texts["factor"], value, mark)
        self.rows[key] = self.row

    def _belongs(self, year: int, code: str, *, names: tuple[str, str]) -> None:
        """Hold each authority to one GSS code and one name a year, and the GSS code to it."""
        known = self.names.setdefault((year, code), names)
        if known[0] != names[0]:
            self._fault("gss_code", "differs-from-an-earlier-row")
        if known[1] != names[1]:
            self._fault("la_name", "differs-from-an-earlier-row")
        if self.owners.setdefault((year, names[0]), code) != code:
            self._fault("gss_code", "belongs-to-another-authority")

    def compare(self) -> None:
        """No factor can be in more episodes than there are."""
        episodes = factor_columns().episodes
        for key, cell in self.cells.items():
            whole = self.cells.get((cell.year, cell.la_code, episodes))
            if whole is None or whole.value is None or cell.value is None:
                continue
            if cell.value > whole.value:
                fault = Fault(self.rows[key], "value_as_published", "more-than-all-episodes")
                self.faults.append(fault)


def _faults_of(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Say what is wrong within one row, by column."""
    for column, pattern in _PATTERNS.items():
        if re.fullmatch(pattern, texts[column]) is None:
            yield column, "not-as-expected"
        elif column == "year" and not FIRST_YEAR <= int(texts[column]) <= LAST_YEAR:
            yield column, "year-out-of-range"
    name = " ".join(texts["la_name"].split())
    if not (name and name.isprintable() and len(name) <= _LONGEST_NAME):
        yield "la_name", "not-a-name"
    if texts["factor"] not in _known_columns():
        yield "factor", "unknown-column"
    if not _is_count_or_mark(texts["value_as_published"]):
        yield "value_as_published", "neither-count-nor-mark"


def _is_count_or_mark(text: str) -> bool:
    """A mark holds no digit at all: `1,024`, `-5` and `12.0` are counts gone wrong, not marks."""
    if any(character.isnumeric() for character in text):
        return _COUNT.fullmatch(text) is not None
    return len(text) <= _LONGEST_MARK and text.isprintable()


def _by_year(
    names: Mapping[tuple[int, str], tuple[str, str]],
) -> dict[int, tuple[Authority, ...]]:
    years: dict[int, dict[str, tuple[str, str]]] = {}
    for (year, code), both in sorted(names.items()):
        years.setdefault(year, {})[code] = both
    return {year: _authorities(members) for year, members in years.items()}


def _authorities(members: Mapping[str, tuple[str, str]]) -> tuple[Authority, ...]:
    slugs = authority_slugs({code: name for code, (_, name) in members.items()})
    return tuple(Authority(code, gss, name, slugs[code]) for code, (gss, name) in members.items())
