"""Generations of views: one is in use, others are made beside it, and the switch is one step."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.views.generations import Generations
from domain.errors import HomeNotReady
from services.folded import FoldedBatch
from tests.projections.builders import Borough, Told, folded

SECRET = bytes(range(32))


def generations(folder: Path, versions: str = "v1", secret: bytes = SECRET) -> Generations:
    """Give the generations of a folder, as a process that starts now."""
    return Generations(folder / "views", versions, KeyEncryptionFile(secret))


def assessed() -> Borough:
    """Give a borough that assessed a child."""
    borough = Borough("havering")
    borough.assessed("mia", ["13A"], Told())
    return borough


def test_the_first_is_made_when_it_is_asked_for(tmp_path: Path) -> None:
    """A home without views gets empty ones, for its owner alone, and another process the same."""
    folded(assessed(), store=generations(tmp_path).live())
    assert generations(tmp_path).live().position("havering") == 1
    assert generations(tmp_path).current() == "gen-000001"
    assert (tmp_path / "views").stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in (tmp_path / "views").iterdir()} == {0o600}


def test_only_one_is_first(tmp_path: Path) -> None:
    """Processes that start at once agree on one generation, and leave no other behind."""
    found: list[str | None] = []

    def start() -> None:
        one = generations(tmp_path)
        one.live()
        found.append(one.current())

    workers = [threading.Thread(target=start) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert {one.stem for one in (tmp_path / "views").glob("*.key")} == set(found)


def test_a_switch_is_seen_by_every_reader(tmp_path: Path) -> None:
    """A reader that is open goes to the new views at its next question; the old ones are gone."""
    reader, other = generations(tmp_path), generations(tmp_path)
    before = reader.live()
    folded(assessed(), store=before)
    name, beside = other.begin()
    folded(assessed(), store=beside)
    beside.commit(FoldedBatch("havering", 1, 2))
    assert reader.live().position("havering") == 1
    other.switch(name)
    assert reader.live().position("havering") == 2
    assert before.position("havering") == 1
    assert {one.stem for one in (tmp_path / "views").glob("*.sqlite")} == {name}
    assert {one.stem for one in (tmp_path / "views").glob("*.key")} == {name}


def test_what_a_rebuild_left_half_done_goes_with_the_next(tmp_path: Path) -> None:
    """A rebuild that was killed harms nothing, and the next one clears it away."""
    one = generations(tmp_path)
    one.live()
    half, _ = one.begin()
    name, _ = one.begin()
    assert one.current() == "gen-000001"
    assert name != half
    one.switch(name)
    assert {path.stem for path in (tmp_path / "views").glob("*.sqlite")} == {name}
    with pytest.raises(HomeNotReady):
        one.switch(half)


def test_other_projections_views_are_stale(tmp_path: Path) -> None:
    """Views of another version are refused with what to do, and can be replaced."""
    generations(tmp_path).live()
    newer = generations(tmp_path, "v2")
    with pytest.raises(HomeNotReady, match="bhr views rebuild"):
        newer.live()
    name, store = newer.begin()
    newer.switch(name)
    assert newer.live().position("havering") == store.position("havering") == 0


def test_views_open_under_their_own_hubs_key(tmp_path: Path) -> None:
    """The view key is wrapped: under another key-encryption key the views do not open."""
    generations(tmp_path).live()
    with pytest.raises(HomeNotReady):
        generations(tmp_path, secret=b"x" * 32).live()


def test_views_that_are_lost_are_made_by_a_rebuild(tmp_path: Path) -> None:
    """When the file in use is gone, nothing pretends to be empty: a rebuild makes it again."""
    one = generations(tmp_path)
    one.live()
    (tmp_path / "views" / "gen-000001.sqlite").unlink()
    with pytest.raises(HomeNotReady, match="bhr views rebuild"):
        generations(tmp_path).live()
    name, _ = one.begin()
    one.switch(name)
    assert generations(tmp_path).live().position("havering") == 0


def test_closing_lets_go(tmp_path: Path) -> None:
    """After closing, the views can be opened again."""
    one = generations(tmp_path)
    first = one.live()
    one.close()
    assert one.live() is not first
