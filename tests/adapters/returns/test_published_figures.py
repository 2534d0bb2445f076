"""What the reader of published figures promises."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.returns import published_figures
from adapters.returns.published_figures import (
    PublishedTable,
    factor_columns,
    read_published,
    shipped_table,
)
from domain.errors import NotFound, ReferenceRefused

HEADER = "year,la_code,gss_code,la_name,factor,value_as_published"
EPISODES = "Episodes_with_assessment_factor"
ROWS = (
    "2021,201,E09000001,City of London,Neglect,4",
    f"2021,201,E09000001,City of London,{EPISODES},30",
    "2021,202,E09000007,Camden,Neglect,c",
    f"2021,202,E09000007,Camden,{EPISODES},1500",
    "2022,202,E09000007,Camden,Gangs,17",
)


def table_of(*rows: str, header: str = HEADER) -> PublishedTable:
    """Read rows under the usual header."""
    return read_published(io.StringIO("\n".join((header, *rows)) + "\n"))


def refusal_of(*rows: str, header: str = HEADER) -> ReferenceRefused:
    """Give the refusal that the rows meet."""
    with pytest.raises(ReferenceRefused) as refused:
        table_of(*rows, header=header)
    return refused.value


def test_the_shipped_table_holds_six_years_of_three_boroughs() -> None:
    """The shipped figures have every column of each borough for the years 2018 to 2023."""
    table = shipped_table()
    assert table.years == (2018, 2019, 2020, 2021, 2022, 2023)
    for year in table.years:
        slugs = [authority.slug for authority in table.authorities(year)]
        assert slugs == ["barking-and-dagenham", "havering", "redbridge"]
        assert table.columns(year) == (*factor_columns().codes, EPISODES)
    assert len(table.cells) == 6 * 3 * 40


def test_shipped_cells_are_those_that_were_published() -> None:
    """A number is read as a number, a mark is kept as it was printed."""
    table = shipped_table()
    number = table.cell(2023, "311", column="Physical_Abuse_unknown")
    assert (number.value, number.mark, number.la_name) == (437, "", "Havering")
    hidden = table.cell(2018, "301", column="Trafficking")
    assert (hidden.value, hidden.mark) == (None, "c")
    missing = table.cell(2018, "301", column="Child_criminal_exploitation")
    assert (missing.value, missing.mark) == (None, "x")


def test_every_code_stands_in_one_column_or_in_none() -> None:
    """Each published column counts codes of its own; code 21 counts towards episodes alone."""
    columns = factor_columns()
    codes = [code for each in columns.codes.values() for code in each]
    assert len(codes) == len(set(codes)) == 43
    assert columns.codes["Privately_fostered"] == ("8B", "8C", "8D", "8E", "8F")
    assert columns.without_column == ("21",)
    assert columns.episodes == EPISODES not in columns.codes


@given(st.permutations(ROWS), st.sampled_from(["\n", "\r\n", "\r", "\n\n"]), st.booleans())
def test_order_line_ends_and_mark_do_not_matter(
    rows: list[str],
    end: str,
    marked: bool,  # noqa: FBT001 - hypothesis hands it over by place
) -> None:
    """The same rows in any order, with any line ends, with or without a BOM, are one table."""
    text = ("\ufeff" if marked else "") + end.join((HEADER, *rows))
    assert read_published(io.StringIO(text, newline="")) == table_of(*ROWS)


def test_blanks_and_quotes_around_fields_do_not_matter() -> None:
    """Blanks around fields, quoted or not, are not part of them."""
    spaced = (
        ' 2021 , 201,E09000001 , "City of  London" ,Neglect, "4" ',
        *ROWS[1:],
    )
    assert table_of(*spaced) == table_of(*ROWS)


def test_columns_of_the_file_are_found_by_name() -> None:
    """The six columns may stand in any order."""
    row = "4,Neglect,City of London,E09000001,201,2021"
    backwards = ",".join(reversed(HEADER.split(",")))
    assert table_of(row, header=backwards) == table_of(ROWS[0])


def test_a_path_is_read_like_a_stream(tmp_path: Path) -> None:
    """A file as spreadsheets save it, with BOM and CRLF, is read."""
    path = tmp_path / "figures.csv"
    path.write_bytes(("\ufeff" + "\r\n".join((HEADER, *ROWS))).encode())
    assert read_published(path) == table_of(*ROWS)


@pytest.mark.parametrize("mark", ["c", "x", "z", "u", "k", "low", ":", "", "..", "-", "n/a"])
def test_what_is_no_number_is_a_mark(mark: str) -> None:
    """Whatever holds no digit says why there is no number, and is kept."""
    cell = table_of(f"2021,201,E09000001,City,Neglect,{mark}").cell(2021, "201", column="Neglect")
    assert (cell.value, cell.mark) == (None, mark)


def test_a_cell_that_the_file_lacks_is_neither_number_nor_mark() -> None:
    """A known column without a row is a cell without a value, not an error."""
    cell = table_of(*ROWS).cell(2022, "202", column="Neglect")
    assert (cell.value, cell.mark, cell.gss_code) == (None, "", "E09000007")


def test_columns_are_those_that_the_year_has() -> None:
    """A year's columns come in the order of publication, whatever the order of rows."""
    table = table_of(*reversed(ROWS))
    assert table.columns(2021) == ("Neglect", EPISODES)
    assert table.columns(2022) == ("Gangs",)


def test_what_the_table_does_not_speak_of_is_not_found() -> None:
    """Another year, authority or column is a NotFound that repeats nothing of the question."""
    table = table_of(*ROWS)
    with pytest.raises(NotFound, match="no such year"):
        table.authorities(2019)
    with pytest.raises(NotFound, match="no such authority"):
        table.cell(2022, "201", column="Neglect")
    with pytest.raises(NotFound, match="no such column"):
        table.cell(2021, "201", column="Neglected")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ('"Kingston upon Hull, City of"', "kingston-upon-hull-city-of"),
        ("King's Lynn", "kings-lynn"),
        ("King’s Lynn", "kings-lynn"),
        ("Ynys Môn", "ynys-mon"),
        ("BHR", "bhr-333"),
        ("42nd Street", "la-333"),
        ("北", "la-333"),
        ("x" * 100, "x" * 56),
    ],
)
def test_a_slug_fits_a_participant(name: str, slug: str) -> None:
    """Any printable name comes to a slug that can name a participant, its ledger and its folder."""
    table = table_of(f"2021,333,E09000033,{name},Neglect,4")
    assert [authority.slug for authority in table.authorities(2021)] == [slug]


def test_two_names_that_come_to_one_slug_are_parted_by_code() -> None:
    """No two authorities of a year have one slug."""
    table = table_of(
        "2021,333,E09000033,St. Ives,Neglect,4", "2021,334,E09000034,St Ives,Neglect,4"
    )
    assert [each.slug for each in table.authorities(2021)] == ["st-ives-333", "st-ives-334"]


WRONG_ROWS = [
    ("2021,201,E09000001,City,Neglect", "row"),
    ("2021,201,E09000001,City,Neglect,4,", "row"),
    ("2021,201,E09000001,City, of London,Neglect,4", "row"),
    ("202122,201,E09000001,City,Neglect,4", "year"),
    ("2009,201,E09000001,City,Neglect,4", "year"),
    ("2036,201,E09000001,City,Neglect,4", "year"),
    ("\u0662\u0660\u0662\u0661,201,E09000001,City,Neglect,4", "year"),
    (",201,E09000001,City,Neglect,4", "year"),
    ("2021,20,E09000001,City,Neglect,4", "la_code"),
    ("2021,,E09000001,City,Neglect,4", "la_code"),
    ("2021,201,E0900000,City,Neglect,4", "gss_code"),
    ("2021,201,E09000001,,Neglect,4", "la_name"),
    ("2021,201,E09000001,Ci\x07ty,Neglect,4", "la_name"),
    (f"2021,201,E09000001,{'y' * 101},Neglect,4", "la_name"),
    ("2021,201,E09000001,City,neglect,4", "factor"),
    ("2021,201,E09000001,City,,4", "factor"),
    ("2021,201,E09000001,City,Neglect,-5", "value_as_published"),
    ("2021,201,E09000001,City,Neglect,5.0", "value_as_published"),
    ('2021,201,E09000001,City,Neglect,"1,024"', "value_as_published"),
    ("2021,201,E09000001,City,Neglect,1e3", "value_as_published"),
    ("2021,201,E09000001,City,Neglect,\u0665", "value_as_published"),
    ("2021,201,E09000001,City,Neglect,1234567", "value_as_published"),
    ("2021,201,E09000001,City,Neglect,not available at this time", "value_as_published"),
    ("2021,202,E09000007,Camden,Neglect,9", "factor"),
    ("2021,202,E09000008,Camden,Gangs,9", "gss_code"),
    ("2021,202,E09000007,Cam den,Gangs,9", "la_name"),
    ("2021,203,E09000007,Croydon,Gangs,9", "gss_code"),
    ("2021,202,E09000007,Camden,Gangs,1501", "value_as_published"),
    ('2021,201,E09000001,"City"s,Neglect,4', "row"),
    ('2021,201,E09000001,City,Neglect,"4', "row"),
]


@pytest.mark.parametrize(("row", "column"), WRONG_ROWS)
def test_a_row_that_does_not_hold_together_is_refused_by_place(row: str, column: str) -> None:
    """A wrong row is refused by its number and column, and nothing of it is repeated."""
    refused = refusal_of(ROWS[2], ROWS[3], row)
    assert [(fault.event, fault.place) for fault in refused.faults] == [(4, column)]
    assert f"row 4, column {column}" in str(refused)
    told = str(refused) + str(refused.faults)
    assert not any(text in told for text in ("E0900", "City", "Camden", "1501", "1,024", "yyy"))


def test_all_faults_come_at_once() -> None:
    """An operator sees every fault of the file in one refusal, in the order of rows."""
    refused = refusal_of(ROWS[0], "1,2,3,,5,-6", ROWS[0])
    assert [(fault.event, fault.place) for fault in refused.faults] == [
        (3, "factor"),
        (3, "gss_code"),
        (3, "la_code"),
        (3, "la_name"),
        (3, "value_as_published"),
        (3, "year"),
        (4, "factor"),
    ]


@pytest.mark.parametrize(
    "header",
    ["", "year,la_code", HEADER + ",note", HEADER.replace("factor", "year"), HEADER.upper()],
)
def test_another_header_is_refused(header: str) -> None:
    """Six columns are expected by name; no other header is guessed at."""
    assert "header-not-as-expected" in str(refusal_of(ROWS[0], header=header))


@pytest.mark.parametrize("text", ["", "\n\n", HEADER])
def test_a_file_without_figures_is_refused(text: str) -> None:
    """A file in which nothing stands is not an empty table."""
    with pytest.raises(ReferenceRefused, match="no-figures"):
        read_published(io.StringIO(text))


def test_other_encodings_are_refused_by_row(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused where they stand, from a path or a stream."""
    path = tmp_path / "figures.csv"
    path.write_bytes(f"{HEADER}\n{ROWS[0]}\n2021,333,W06000001,Ynys M".encode() + b"\xf4n\n")
    with pytest.raises(ReferenceRefused, match=r"row 3, column row \(not-utf-8\)"):
        read_published(path)
    with path.open(encoding="utf-8") as lines, pytest.raises(ReferenceRefused, match="not-utf-8"):
        read_published(lines)


def test_a_path_that_cannot_be_read_is_not_found(tmp_path: Path) -> None:
    """No file, or a folder, is a refusal of our own and does not repeat the path."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(NotFound) as refused:
            read_published(path)
        assert str(tmp_path) not in str(refused.value)


def test_a_file_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading stops at a fixed number of rows, right or wrong."""
    monkeypatch.setattr(published_figures, "MOST_ROWS", 3)
    assert "row 5, column row (too-many-rows)" in str(refusal_of(*ROWS))
    assert refusal_of(*(["2021,201,E09000001,City,Neglect"] * 9)).faults[-1].event == 5
