"""What differs between two answers is named by its place, and by nothing else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.canonical import JsonValue
from services.audit.differing import OF_ITS_TIME, Differing, differing

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("measure", "borough", "rows", "n")), inner, max_size=3)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(("rows", "feeds", "view")), VALUES, max_size=3)


def row(measure: str, numerator: int) -> dict[str, JsonValue]:
    """Give a row."""
    return {"borough": "havering", "measure": measure, "numerator": numerator}


def test_a_row_that_is_missing_moves_no_other() -> None:
    """Rows are told apart by what names them: of three, the one that is gone is named alone."""
    rows = [row("a", 1), row("b", 2), row("c", 3)]
    (found,) = differing({"rows": rows}, {"rows": [rows[0], rows[2]]})
    assert found == Differing("/rows/b havering", rows[1], None)
    (found,) = differing({"rows": rows}, {"rows": [rows[0], row("b", 7), rows[2]]})
    assert found == Differing("/rows/b havering/numerator", 2, 7)


def test_order_counts() -> None:
    """The same rows in another order are not the same answer."""
    rows = [row("a", 1), row("b", 2)]
    (found,) = differing({"rows": rows}, {"rows": rows[::-1]})
    assert found.place == "/rows (their order)"


def test_what_is_of_its_time_is_not_compared() -> None:
    """How far an answer was witnessed when it was given says nothing of what it was made from."""
    assert differing(dict.fromkeys(OF_ITS_TIME, 1), dict.fromkeys(OF_ITS_TIME, 2)) == []
    assert differing({"n": 1}, {"n": True}) != []


@given(DOCUMENTS, DOCUMENTS)
@settings(max_examples=100)
def test_nothing_differs_just_where_all_is_equal(
    one: dict[str, JsonValue], other: dict[str, JsonValue]
) -> None:
    """No difference is passed over, and none is made up."""
    assert differing(one, one) == []
    assert bool(differing(one, other)) == (spelled(one) != spelled(other))


def spelled(value: JsonValue) -> str:
    """Tell `1` from `true`, whatever Python thinks of that; the order of names says nothing."""
    if isinstance(value, dict):
        return f"named {sorted((name, spelled(one)) for name, one in value.items())}"
    return str([spelled(one) for one in value]) if isinstance(value, list) else repr(value)
