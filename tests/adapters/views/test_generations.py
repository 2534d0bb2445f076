"""Generations of views: one is in use, others are made beside it, and the switch is one step."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.views.generations import Generations
from domain.errors import HomeNotReady
from services.folded import FoldedBatch
from services.rewrapping import Change
from tests.projections.builders import Borough, Told, folded

SECRET = bytes(range(32))


def generations(folder: Path, versions: str = "v1", secret: bytes = SECRET) -> Generations:
    """Give the generations of a folder, as a process that starts now."""
    return Generations(folder / "views", versions, KeyEncryptionFile(secret))


def names(folder: Path) -> set[str]:
    """Give the generations that stand in a folder."""
    return {one.name for one in (folder / "views").glob("gen-*")}


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
    made = [tmp_path / "views", *(tmp_path / "views").rglob("*")]
    assert {one.stat().st_mode & 0o777 for one in made if one.is_dir()} == {0o700}
    assert {one.stat().st_mode & 0o777 for one in made if one.is_file()} == {0o600}


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
    assert names(tmp_path) == set(found)


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
    assert names(tmp_path) == {name}


def test_what_a_rebuild_left_half_done_goes_with_the_next(tmp_path: Path) -> None:
    """A rebuild that was killed harms nothing, and the next one clears it away."""
    one = generations(tmp_path)
    one.live()
    half, _ = one.begin()
    name, _ = one.begin()
    assert one.current() == "gen-000001"
    assert name != half
    one.switch(name)
    assert names(tmp_path) == {name}
    with pytest.raises(HomeNotReady):
        one.switch(half)


def test_what_a_killed_rebuild_left_is_swept_away(tmp_path: Path) -> None:
    """Its key opens traits that no erasure reaches; what is still being made, or in use, stays."""
    live, killed, making = (generations(tmp_path) for _ in range(3))
    live.live()
    left, _ = killed.begin()
    made, _ = making.begin()
    killed.close()
    generations(tmp_path).sweep()
    assert left not in names(tmp_path)
    assert names(tmp_path) == {"gen-000001", made}
    making.switch(made)
    generations(tmp_path).sweep()
    assert names(tmp_path) == {made}


def test_a_rebuild_turns_the_key(tmp_path: Path) -> None:
    """Each generation has a key of its own, and that of the one before goes with it."""
    one = generations(tmp_path)
    one.live()
    before = keys_of(tmp_path)
    name, _ = one.begin()
    (first, second) = keys_of(tmp_path)
    assert len({first[1], second[1]}) == 2
    one.switch(name)
    assert [first] == before
    assert keys_of(tmp_path) == [second]


def keys_of(folder: Path) -> list[tuple[str, bytes]]:
    """Give the key of each generation that stands, opened with the hub's."""
    found = sorted((folder / "views").glob("gen-*/key"))
    names = [one.parent.name for one in found]
    opened = KeyEncryptionFile(SECRET)
    contexts = [f"bhr-views/{name}".encode() for name in names]
    return [
        (name, opened.unwrap(path.read_bytes(), context))
        for name, path, context in zip(names, found, contexts, strict=True)
    ]


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
    """When a ledger's file is gone, nothing pretends to be empty: a rebuild makes it again."""
    one = generations(tmp_path)
    folded(assessed(), store=one.live())
    (tmp_path / "views" / "gen-000001" / "havering.sqlite").unlink()
    with pytest.raises(HomeNotReady, match="bhr views rebuild"):
        generations(tmp_path).live()
    name, _ = one.begin()
    one.switch(name)
    assert generations(tmp_path).live().position("havering") == 0


def test_a_generation_that_was_begun_is_found_by_its_name(tmp_path: Path) -> None:
    """Processes fold ledgers of one rebuild each into its own file of one generation."""
    name, first = generations(tmp_path).begin()
    folded(assessed(), store=first)
    another = generations(tmp_path).beside(name)
    assert another.position("havering") == 1
    redbridge = Borough("redbridge")
    redbridge.assessed("noor", ["13A"], Told())
    folded(redbridge, store=another)
    files = {one.name for one in (tmp_path / "views" / name).glob("*.sqlite")}
    assert files == {"havering.sqlite", "redbridge.sqlite"}
    with pytest.raises(HomeNotReady):
        generations(tmp_path).beside("gen-000099")


def test_what_is_discarded_is_gone_but_never_what_is_in_use(tmp_path: Path) -> None:
    """A dry run leaves nothing behind, and cannot take the live views away."""
    one = generations(tmp_path)
    one.live()
    name, _ = one.begin()
    one.discard(name)
    one.discard("gen-000001")
    assert names(tmp_path) == {"gen-000001"}


def test_closing_lets_go(tmp_path: Path) -> None:
    """After closing, the views can be opened again."""
    one = generations(tmp_path)
    first = one.live()
    one.close()
    assert one.live() is not first


def test_the_keys_of_views_are_wrapped_anew(tmp_path: Path) -> None:
    """Under another key-encryption key the same views open, and under the one before no longer."""
    before = generations(tmp_path)
    folded(assessed(), store=before.live())
    before.begin()
    change = Change(KeyEncryptionFile(SECRET), KeyEncryptionFile(bytes(32)))
    for _ in range(2):  # done again it changes nothing
        generations(tmp_path, secret=bytes(32)).rewrap(change)
    assert generations(tmp_path, secret=bytes(32)).live().position("havering") == 1
    assert generations(tmp_path, secret=bytes(32)).beside("gen-000002").position("havering") == 0
    with pytest.raises(HomeNotReady, match="does not open with this hub's key file"):
        generations(tmp_path).live()
    assert not list((tmp_path / "views").rglob("key-next"))


def test_views_that_were_lost_stop_no_rewrapping(tmp_path: Path) -> None:
    """A generation whose key opens by neither key is left for a rebuild."""
    generations(tmp_path, secret=b"l" * 32).live()
    lost = (tmp_path / "views" / "gen-000001" / "key").read_bytes()
    change = Change(KeyEncryptionFile(SECRET), KeyEncryptionFile(bytes(32)))
    generations(tmp_path, secret=bytes(32)).rewrap(change)
    assert (tmp_path / "views" / "gen-000001" / "key").read_bytes() == lost
