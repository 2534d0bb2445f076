"""What is said where there is no PostgreSQL server to test with."""

import pytest

from tests import postgres_server
from tests.postgres_server import VARIABLE, missing_for


def test_what_needs_a_server_says_so_where_there_is_none(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is named will do, but not for who stops it; without the mark none is needed."""
    item = request.node
    assert isinstance(item, pytest.Item)
    monkeypatch.setattr(postgres_server, "programs", lambda: None)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert missing_for(item) is None
    item.add_marker(pytest.mark.postgres)
    assert missing_for(item) == f"no PostgreSQL server is installed here, and {VARIABLE} names none"
    monkeypatch.setenv(VARIABLE, "host=elsewhere")
    assert missing_for(item) is None
    item.add_marker(pytest.mark.postgres(own=True), append=False)
    assert missing_for(item) == "no server is installed that a test may stop"
