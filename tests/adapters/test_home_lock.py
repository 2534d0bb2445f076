"""The hold on a hub's home: many together, or one alone, and never both."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.home_lock import home_lock
from domain.errors import HomeNotReady


def test_many_share_a_home(tmp_path: Path) -> None:
    """Processes that serve, project and ask have one home open together."""
    with home_lock(tmp_path) as one, home_lock(tmp_path) as other:
        one.share()
        other.share()


def test_nobody_is_alone_while_others_are_in(tmp_path: Path) -> None:
    """Who would change all of it is told to stop the hub first, and then gets it alone."""
    with home_lock(tmp_path) as alone:
        with home_lock(tmp_path) as other:
            other.share()
            with pytest.raises(HomeNotReady, match="stop `bhr serve`"):
                alone.alone()
        alone.alone()


def test_nobody_comes_in_while_one_is_alone(tmp_path: Path) -> None:
    """Who comes meanwhile is told to wait; when it is shared again, others come in."""
    with home_lock(tmp_path) as alone, home_lock(tmp_path) as other:
        alone.alone()
        with pytest.raises(HomeNotReady, match="wait until that is done"):
            other.share()
        alone.share()
        other.share()


def test_there_must_be_a_home(tmp_path: Path) -> None:
    """A folder that is not there is no home, and none is made."""
    with pytest.raises(HomeNotReady, match="no home here"), home_lock(tmp_path / "none"):
        pytest.fail("there is nothing to hold")
    assert not (tmp_path / "none").exists()
