"""Whether an id was met before, in memory of one size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.returns.seen_ids import SeenIds


@given(st.lists(st.text(max_size=3), max_size=64))
def test_each_text_is_new_once(texts: list[str]) -> None:
    """A text is new exactly when a set has not got it, up to a full table."""
    seen, known = SeenIds(64), set[str]()
    for text in texts:
        assert seen.add(text) is (text not in known)
        known.add(text)


def test_as_many_fit_as_were_promised() -> None:
    """The table takes the number of texts that it was made for."""
    for most in (0, 1, 2, 3, 4, 7, 8, 1000):
        seen = SeenIds(most)
        assert all(seen.add(str(number)) for number in range(most))
        assert not any(seen.add(str(number)) for number in range(most))
