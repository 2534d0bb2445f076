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
from tests.views_on_server import views_on_server

SECRET = bytes(range(32))
ON_SERVER = "on a server"


@pytest.fixture(params=["in files", pytest.param(ON_SERVER, marks=pytest.mark.postgres)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give a home whose views are in files, and one whose views are on a server."""
    if request.param == ON_SERVER:
        (tmp_path / ON_SERVER).touch()
    return tmp_path


def generations(folder: Path, versions: str = "v1", secret: bytes = SECRET) -> Generations:
    """Give the generations of a folder, as a process that starts now."""
    keeping = views_on_server() if (folder / ON_SERVER).exists() else None
    return Generations(folder / "views", versions, KeyEncryptionFile(secret), keeping)


def names(folder: Path) -> set[str]:
    """Give the generations that stand in a folder."""
    return {one.name for one in (folder / "views").glob("gen-*")}


def assessed() -> Borough:
    """Give a borough that assessed a child."""
    borough = Borough("havering")
    borough.assessed("mia", ["13A"], Told())
    return borough


def test_the_first_is_made_when_it_is_asked_for(home: Path) -> None:
    """A home without views gets empty ones, for its owner alone, and another process the same."""
    folded(assessed(), store=generations(home).live())
    assert generations(home).live().position("havering") == 1
    assert generations(home).current() == "gen-000001"
    made = [home / "views", *(home / "views").rglob("*")]
    assert {one.stat().st_mode & 0o777 for one in made if one.is_dir()} == {0o700}
    assert {one.stat().st_mode & 0o777 for one in made if one.is_file()} == {0o600}


def test_only_one_is_first(home: Path) -> None:
    """Processes that start at once agree on one generation, and leave no other behind."""
    found: list[str | None] = []

    def start() -> None:
        one = generations(home)
        one.live()
        found.append(one.current())

    workers = [threading.Thread(target=start) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert names(home) == set(found)


def test_a_switch_is_seen_by_every_reader(home: Path) -> None:
    """A reader that is open goes to the new views at its next question; the old ones are gone."""
    reader, other = generations(home), generations(home)
    before = reader.live()
    folded(assessed(), store=before)
    name, beside = other.begin()
    folded(assessed(), store=beside)
    beside.commit(FoldedBatch("havering", 1, 2))
    assert reader.live().position("havering") == 1
    other.switch(name)
    assert reader.live().position("havering") == 2
    assert names(home) == {name}


def test_what_a_rebuild_left_half_done_goes_with_the_next(home: Path) -> None:
    """A rebuild that was killed harms nothing, and the next one clears it away."""
    one = generations(home)
    one.live()
    half, _ = one.begin()
    name, _ = one.begin()
    assert one.current() == "gen-000001"
    assert name != half
    one.switch(name)
    assert names(home) == {name}
    with pytest.raises(HomeNotReady):
        one.switch(half)


def test_what_a_killed_rebuild_left_is_swept_away(home: Path) -> None:
    """Its key opens traits that no erasure reaches; what is still being made, or in use, stays."""
    live, killed, making = (generations(home) for _ in range(3))
    live.live()
    left, _ = killed.begin()
    made, _ = making.begin()
    killed.close()
    generations(home).sweep()
    assert left not in names(home)
    assert names(home) == {"gen-000001", made}
    making.switch(made)
    generations(home).sweep()
    assert names(home) == {made}


def test_a_rebuild_turns_the_key(home: Path) -> None:
    """Each generation has a key of its own, and that of the one before goes with it."""
    one = generations(home)
    one.live()
    before = keys_of(home)
    name, _ = one.begin()
    (first, second) = keys_of(home)
    assert len({first[1], second[1]}) == 2
    one.switch(name)
    assert [first] == before
    assert keys_of(home) == [second]


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


def test_other_projections_views_are_stale(home: Path) -> None:
    """Views of another version are refused with what to do, and can be replaced."""
    generations(home).live()
    newer = generations(home, "v2")
    with pytest.raises(HomeNotReady, match="bhr views rebuild"):
        newer.live()
    name, store = newer.begin()
    newer.switch(name)
    assert newer.live().position("havering") == store.position("havering") == 0


def test_views_open_under_their_own_hubs_key(home: Path) -> None:
    """The view key is wrapped: under another key-encryption key the views do not open."""
    generations(home).live()
    with pytest.raises(HomeNotReady):
        generations(home, secret=b"x" * 32).live()


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


def test_a_generation_that_was_begun_is_found_by_its_name(home: Path) -> None:
    """Processes fold ledgers of one rebuild each into its own file of one generation."""
    name, first = generations(home).begin()
    folded(assessed(), store=first)
    another = generations(home).beside(name)
    assert another.position("havering") == 1
    redbridge = Borough("redbridge")
    redbridge.assessed("noor", ["13A"], Told())
    folded(redbridge, store=another)
    made = {one.name for one in (home / "views" / name).glob("*.made")}
    assert made == {"havering.made", "redbridge.made"}
    with pytest.raises(HomeNotReady):
        generations(home).beside("gen-000099")


def test_what_is_discarded_is_gone_but_never_what_is_in_use(home: Path) -> None:
    """A dry run leaves nothing behind, and cannot take the live views away."""
    one = generations(home)
    one.live()
    name, _ = one.begin()
    one.discard(name)
    one.discard("gen-000001")
    assert names(home) == {"gen-000001"}


def test_closing_lets_go(home: Path) -> None:
    """After closing, the views can be opened again."""
    one = generations(home)
    first = one.live()
    one.close()
    assert one.live() is not first


def test_the_keys_of_views_are_wrapped_anew(home: Path) -> None:
    """Under another key-encryption key the same views open, and under the one before no longer."""
    before = generations(home)
    folded(assessed(), store=before.live())
    before.begin()
    change = Change(KeyEncryptionFile(SECRET), KeyEncryptionFile(bytes(32)))
    for _ in range(2):  # done again it changes nothing
        generations(home, secret=bytes(32)).rewrap(change)
    assert generations(home, secret=bytes(32)).live().position("havering") == 1
    assert generations(home, secret=bytes(32)).beside("gen-000002").position("havering") == 0
    with pytest.raises(HomeNotReady, match="does not open with this hub's key file"):
        generations(home).live()
    assert not list((home / "views").rglob("key-next"))


def test_views_that_were_lost_stop_no_rewrapping(home: Path) -> None:
    """A generation whose key opens by neither key is left for a rebuild."""
    generations(home, secret=b"l" * 32).live()
    lost = (home / "views" / "gen-000001" / "key").read_bytes()
    change = Change(KeyEncryptionFile(SECRET), KeyEncryptionFile(bytes(32)))
    generations(home, secret=bytes(32)).rewrap(change)
    assert (home / "views" / "gen-000001" / "key").read_bytes() == lost
