"""Flags of figures beside the themes: held against a year before and against the other boroughs."""

from __future__ import annotations

from adapters.reference.shipped import PARTICIPANTS, shipped_document
from domain.canonical import JsonValue
from domain.reference.documents import read_as
from domain.reference.factor_mapping import Comparability
from domain.reference.participants import Participants
from services.filters import Filters
from services.periods import Window, window_named
from services.theming.comparability import Compared, Row, told_months
from services.theming.factors import factor_rows
from services.views import Question
from tests.projections.builders import Borough, folded
from tests.services.theming.rig import mapping

BOROUGHS = read_as(Participants, shipped_document(PARTICIPANTS).raw).boroughs("2026-11-23")
LEDGERS = tuple(one.ledger for one in BOROUGHS if one.ledger)
RULE = Comparability(jump_at_least=20, jump_times=2, near_zero_at_most=2, peer_at_least=20)
YEARS = Window(
    window_named("year-to-march", "2024").last, window_named("year-to-march", "2023").first
)


def row(borough: str, period: str, numerator: int | None, **said: JsonValue) -> Row:
    """Give a row as a view has it."""
    figure: Row = {"borough": borough, "denominator": None, "numerator": numerator, "per": None}
    return {**figure, "measure": "held", "period": period, **said}


def flags(rows: list[Row], told: Window = YEARS) -> list[list[str]]:
    """Give the letters of each row's flags, where every borough has told of these months."""
    compared = Compared(
        kind="year-to-march",
        rule=RULE,
        boroughs=BOROUGHS,
        told=lambda _borough, _of: told,
    )
    found = compared.with_flags(rows, ("measure",))
    letters = []
    for one in found:
        listed = one["flags"]
        assert isinstance(listed, list)
        letters.append([str(flag["letter"]) for flag in listed if isinstance(flag, dict)])
    return letters


def test_a_jump_on_a_year_is_flagged() -> None:
    """Twice as many as a year before; the first year has nothing before it."""
    assert flags([row("havering", "2023", 20), row("havering", "2024", 40)]) == [[], ["a"]]


def test_what_is_told_in_part_is_compared_with_nothing() -> None:
    """Half a year beside a whole one is no jump, nor is none in it near zero."""
    part = Window(YEARS.last - 6, YEARS.first)
    rows = [row("havering", "2023", 20), row("havering", "2024", 1), row("redbridge", "2024", 60)]
    assert flags(rows, part) == [[], [], []]


def test_nearly_none_beside_many_is_flagged() -> None:
    """Where another borough has many of the same, in the same year, and not of another thing."""
    rows = [row("havering", "2024", 1), row("redbridge", "2024", 60)]
    assert flags(rows) == [["b"], []]
    assert flags([rows[0], row("redbridge", "2024", 60, measure="late")]) == [[], []]


def test_a_note_of_who_reported_is_a_flag_and_no_column() -> None:
    """What a report says of how it was counted is asked about; a hidden count is no jump."""
    rows = [row("havering", "2024", None, notes=["Counted anew"], source="reported")]
    assert flags(rows) == [["d"]]
    compared = Compared(
        kind="year-to-march", rule=None, boroughs=BOROUGHS, told=lambda _borough, _of: None
    )
    assert "notes" not in compared.with_flags(rows, ("measure",))[0]


def test_how_far_each_borough_has_told() -> None:
    """From the first to the last month with any of the cells; who told of none is not there."""
    havering = Borough("havering")
    havering.assessed("mia", ["3A"], on="2023-04-03")
    havering.assessed("leo", ["3A"], on="2024-02-03")
    question = Question(groups={}, period="year-to-march", ledgers=LEDGERS)
    told = told_months(folded(havering).store, {"factor:any"}, BOROUGHS, question)
    assert told == {"havering": Window(2024 * 12 + 1, 2023 * 12 + 3)}


def test_a_column_that_counts_a_retired_code_says_so() -> None:
    """18A left the list after 2020: what is filed under it in a later year is flagged, as (c)."""
    havering = Borough("havering")
    for number in range(3):
        havering.assessed(f"child {number}", ["18A"], on="2023-02-03", episode=f"e{number}")
    store = folded(havering).store
    positions = {**dict.fromkeys(LEDGERS, 0), "havering": 3}
    rows = factor_rows(store, mapping(), BOROUGHS, positions, Filters())
    found = {str(one["measure"]): one["flags"] for one in rows if isinstance(one, dict)}
    assert any("18A left the code list after 2020" in str(one) for one in found.values())


def a_year(name: str, factors: tuple[str, ...], year: int = 2023) -> Borough:
    """Give a borough that assessed two children with these factors in each month of a year."""
    borough = Borough(name)
    for at in range(24):
        month = f"{year - (at % 12 < 9)}-{(at + 3) % 12 + 1:02}"
        borough.assessed(f"{name} {at}", factors, on=f"{month}-05", episode=f"{name} {at}")
    return borough


def factors_of(*told: Borough) -> dict[tuple[str, str, str], tuple[JsonValue, list[str]]]:
    """Give the factors view: episodes and letters by ledger, column and year."""
    positions = {**dict.fromkeys(LEDGERS, 0), **{one.ledger: len(one.entries) for one in told}}
    rows = factor_rows(folded(*told).store, mapping(), BOROUGHS, positions, Filters())
    found = {}
    for row in rows:
        assert isinstance(row, dict)
        listed = row["flags"]
        assert isinstance(listed, list)
        letters = [str(flag["letter"]) for flag in listed if isinstance(flag, dict)]
        place = (str(row["ledger"]), str(row["measure"]), str(row["period"]))
        found[place] = row["episodes"], letters
    return found


def test_every_published_column_stands_in_every_year_that_is_told() -> None:
    """24A in Havering beside Redbridge's 24: a row of none, with flag (b)."""
    found = factors_of(a_year("havering", ("3A",)), a_year("redbridge", ("24A",)))
    assert found["havering", "Child_criminal_exploitation", "2023"] == (0, ["b"])
    assert found["redbridge", "Child_criminal_exploitation", "2023"] == (24, [])
    assert found["havering", mapping().episodes_column, "2023"] == (24, [])
    retired = {"Physical_Abuse_unknown", "Sexual_Abuse_unknown"}
    for ledger in ("havering", "redbridge"):
        assert {column for where, column, _ in found if where == ledger} == (
            set(mapping().columns()) - retired
        )
    assert {place[0::2] for place in found} == {("havering", "2023"), ("redbridge", "2023")}


def test_a_column_has_no_zero_before_its_code_could_be_filed() -> None:
    """In the year to March 2020 nobody could file 24A, and 18A still had its own column."""
    columns = {column for _, column, _ in factors_of(a_year("havering", ("3A",), year=2020))}
    assert "Child_criminal_exploitation" not in columns
    assert "Physical_Abuse_unknown" in columns
