"""Flags in a plain table: letters in its cells, their reasons below it."""

from __future__ import annotations

from adapters.http.view_documents import Flag
from adapters.pages.flags import lettered, reasons_of


def test_a_flag_is_a_letter_with_its_reason_below() -> None:
    """A cell has each letter once, and each reason stands once, under the figure it is of."""
    flags = (
        Flag(code="jump", letter="a", reason="a jump"),
        Flag(code="note", letter="a", reason="said"),
    )
    assert (lettered("12", flags), lettered("12", ())) == ("12 [a]", "12")
    assert reasons_of([("Havering", flags), ("Havering", flags[:1])]) == [
        ("Havering", "a", "a jump"),
        ("Havering", "a", "said"),
    ]
