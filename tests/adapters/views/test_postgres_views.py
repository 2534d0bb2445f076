"""Views on a PostgreSQL server: who may do what there, what is left of a child, and who waits."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import psycopg
import pytest

from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.postgres_connections import Place, connect
from adapters.views import totals
from adapters.views.generations import Generations
from adapters.views.ledger_schemas import LedgerSchemas, OnServer
from adapters.views.postgres_schema import prepare
from adapters.views.postgres_tables import spoken
from adapters.views.writing import keyed_tag
from domain.errors import HomeNotReady, Unavailable
from services.folded import FoldedBatch
from tests.adapters.views.test_forgetting import KEY, QUESTION, assess, bands, fold
from tests.postgres_server import AUDITOR, HUB, VIEWS, Server, as_user, held
from tests.projections.builders import Borough, Told, folded, pseudonym

pytestmark = pytest.mark.postgres(own=True)


@pytest.fixture(scope="module")
def prepared(server: Server) -> Server:
    """A server on which a hub may keep views."""
    prepare(Place(server.conninfo, "pg_catalog"))
    return server


@pytest.fixture
def generation(prepared: Server, tmp_path: Path) -> Path:
    """The folder of a generation that was begun there."""
    OnServer(as_user(prepared.conninfo, VIEWS)).begin(tmp_path)
    return tmp_path


def views(server: Server, generation: Path, user: str = VIEWS) -> LedgerSchemas:
    """Open a generation as another process would, in one of the roles."""
    keeping = OnServer(as_user(server.conninfo, user), reading=user == AUDITOR)
    return keeping.open(generation, versions="v1", key=KEY)


def schemas(server: Server) -> set[str]:
    """Name the schemas of views that stand."""
    asked = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'views-%'"
    with psycopg.connect(server.conninfo) as connection:
        return {name for (name,) in connection.execute(asked)}


@pytest.fixture
def elsewhere(prepared: Server) -> Iterator[psycopg.Connection]:
    """Somebody who has looked at the database and holds on to what was there."""
    with psycopg.connect(prepared.conninfo) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM pg_class")
        yield connection


def test_nothing_of_an_erased_child_is_in_the_files(
    prepared: Server, generation: Path, elsewhere: psycopg.Connection
) -> None:
    """Tables, indices and samples of columns: no file has its number, though somebody looks on."""
    borough = Borough("havering")
    for number in range(60):
        assess(borough, f"child {number}", "1-4")
    assess(borough, "mia", "5-9")
    store = views(prepared, generation)
    fold(store, borough)
    with psycopg.connect(prepared.conninfo, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
    mia, other = (
        keyed_tag(KEY, "havering", pseudonym(child)).to_bytes(8, "little", signed=True)
        for child in ("mia", "child 7")
    )
    assert held(prepared, [mia, other]) == {mia, other}
    borough.destroys("mia")
    fold(store, borough)
    assert held(prepared, [mia, other]) == {other}
    assert bands(store) == [("1-4", 60)]
    assert not elsewhere.closed


@pytest.mark.parametrize("user", [VIEWS, AUDITOR])
def test_other_projections_views_are_refused(prepared: Server, generation: Path, user: str) -> None:
    """Schemas that other projections made are stale to hub and auditor: it says what to do."""
    fold(views(prepared, generation), Borough("havering"))
    keeping = OnServer(as_user(prepared.conninfo, user), reading=user == AUDITOR)
    with pytest.raises(HomeNotReady, match="bhr views rebuild"):
        keeping.open(generation, versions="v2", key=KEY).position("havering")


def test_generations_are_compared_whatever_their_keys(prepared: Server, tmp_path: Path) -> None:
    """The same entries give the same digest, in whatever order the server has their rows."""
    borough = Borough("havering")
    for number in range(60):
        assess(borough, f"child {number}", "1-4" if number % 3 else "5-9")
    digests = []
    for key in (KEY, bytes(32)):
        keeping, folder = OnServer(as_user(prepared.conninfo, VIEWS)), tmp_path / key.hex()
        folder.mkdir()
        keeping.begin(folder)
        store = keeping.open(folder, versions="v1", key=key)
        fold(store, borough)
        digests.append(store.digest("havering"))
    assert digests[0] == digests[1]


def test_figures_are_stored_until_somebody_is_forgotten(
    prepared: Server, generation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that starts anew finds them; an auditor neither believes nor writes any."""
    monkeypatch.setattr(totals, "WORTH_WRITING", 1)
    borough = Borough("havering")
    assess(borough, "mia", "1-4")
    store = views(prepared, generation)
    fold(store, borough)
    asked = replace(QUESTION, cut=None)
    found = views(prepared, generation, AUDITOR).count(asked)
    assert stored(prepared, generation) == 0
    for _ in range(2):  # written once, written again
        assert views(prepared, generation).count(asked) == found
        assert stored(prepared, generation) > 0
    borough.destroys("mia")
    fold(store, borough)
    assert stored(prepared, generation) == 0


def stored(server: Server, generation: Path) -> int:
    """Count the figures that are stored."""
    asked = f'SELECT FROM "{named(generation)}havering".total'
    with psycopg.connect(server.conninfo) as connection:
        return len(connection.execute(asked.encode()).fetchall())


def test_forgetting_waits_for_who_looks(prepared: Server, generation: Path) -> None:
    """A question that was begun is answered from what it saw; the next sees what is left."""
    borough = Borough("havering")
    assess(borough, "mia", "1-4")
    store, other = views(prepared, generation), views(prepared, generation)
    fold(store, borough)
    borough.destroys("mia")
    statement = "SELECT count(*) FROM child"
    looking, seen = Event(), Event()

    def look() -> list[tuple[object, ...]]:
        with other._of("havering")._reading.reading() as tables:
            before = tables.execute(statement).fetchall()
            looking.set()
            assert seen.wait(60)
            return before + tables.execute(statement).fetchall()

    with ThreadPoolExecutor(2) as threads:
        looked = threads.submit(look)
        assert looking.wait(60)
        forgotten = threads.submit(fold, store, borough)
        waits(prepared)
        seen.set()
        assert looked.result(60) == [(1,), (1,)]
        forgotten.result(60)
    assert bands(other) == []


def waits(server: Server) -> None:
    """Return once somebody waits for a lock on tables of views."""
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        while connection.execute(asked).fetchall() == [(0,)]:
            pass


def test_an_auditor_looks_and_changes_nothing(prepared: Server, generation: Path) -> None:
    """The role that may look is answered alike, and the server refuses it everything else."""
    borough = Borough("havering")
    assess(borough, "mia", "1-4")
    fold(views(prepared, generation), borough)
    looking = views(prepared, generation, AUDITOR)
    assert looking.digest("havering") == views(prepared, generation).digest("havering")
    own = OnServer(as_user(prepared.conninfo, VIEWS), reading=True)  # where no role looks alone
    for one in (looking, own.open(generation, versions="v1", key=KEY)):
        assert bands(one) == [("1-4", 1)]
        with pytest.raises(Unavailable, match="reading alone"):
            one.commit(FoldedBatch("havering", 1, 2))
    with pytest.raises(Unavailable, match="a view of redbridge"):
        looking.position("redbridge")
    (schema,) = (name for name in schemas(prepared) if name.startswith(named(generation)))
    place = Place(as_user(prepared.conninfo, AUDITOR), schema)
    for refused in ("DELETE FROM child", "TRUNCATE told", "DROP TABLE meta", "CREATE TABLE x ()"):
        with connect(place) as plain, pytest.raises(psycopg.errors.InsufficientPrivilege):
            plain.execute(refused)


def named(generation: Path) -> str:
    """Give by what the names of a generation's schemas begin."""
    return (generation / "schemas").read_text()


def test_who_may_make_no_schema_is_told_what_to_do(prepared: Server, generation: Path) -> None:
    """A role that nobody prepared is refused with the command that prepares one."""
    with pytest.raises(HomeNotReady, match="bhr ledger init"):
        views(prepared, generation, HUB).position("havering")


def test_views_that_are_lost_are_made_by_a_rebuild(prepared: Server, generation: Path) -> None:
    """When a ledger's schema is gone, nothing pretends to be empty."""
    views(prepared, generation).position("havering")
    with psycopg.connect(prepared.conninfo) as owner:
        owner.execute(f'DROP SCHEMA "{named(generation)}havering" CASCADE')
    with pytest.raises(HomeNotReady, match="bhr views rebuild"):
        views(prepared, generation)


def test_views_go_on_when_the_server_is_back(prepared: Server, generation: Path) -> None:
    """While it is away nothing is answered, and nothing of it is said; then all is there."""
    borough = Borough("havering")
    assess(borough, "mia", "1-4")
    store = views(prepared, generation)
    fold(store, borough)
    prepared.stop()
    with pytest.raises(Unavailable) as caught:
        bands(store)
    assert str(prepared.folder) not in str(caught.value)
    prepared.start()
    assert bands(store) == [("1-4", 1)]


def test_what_a_rebuild_replaced_is_dropped(prepared: Server, tmp_path: Path) -> None:
    """At once; or when a hub opens next, where the server was away; what is in use stays."""

    def generations() -> Generations:
        keeping = OnServer(as_user(prepared.conninfo, VIEWS))
        return Generations(tmp_path / "views", "v1", KeyEncryptionFile(KEY), keeping)

    borough = Borough("havering")
    borough.assessed("mia", ["13A"], Told())
    folded(borough, store=generations().live())
    before = named(tmp_path / "views" / "gen-000001")
    assert f"{before}havering" in schemas(prepared)
    again = generations()
    name, beside = again.begin()
    folded(borough, store=beside)
    after = named(tmp_path / "views" / name)
    again.switch(name)
    assert {one for one in schemas(prepared) if one.startswith((before, after))} == {
        f"{after}havering"
    }
    left, half = again.begin()
    folded(borough, store=half)
    prepared.stop()
    again.discard(left)
    prepared.start()
    generations().sweep()
    assert not (tmp_path / "views" / left).exists()
    assert generations().live().position("havering") == 1


def test_views_in_files_are_not_taken_for_views_on_a_server(
    prepared: Server, tmp_path: Path
) -> None:
    """Where a home says that they are on a server now, they are rebuilt there."""
    Generations(tmp_path / "views", "v1", KeyEncryptionFile(KEY)).live().position("havering")
    keeping = OnServer(as_user(prepared.conninfo, VIEWS))
    moved = Generations(tmp_path / "views", "v1", KeyEncryptionFile(KEY), keeping)
    with pytest.raises(HomeNotReady, match="bhr views rebuild"):
        moved.live()
    name, _ = moved.begin()
    moved.switch(name)
    assert moved.live().position("havering") == 0
    assert {one.name for one in (tmp_path / "views").glob("gen-*")} == {name}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("a = ? AND b = :size", "a = %s AND b = %(size)s"),
        ("a::text = :b", "a::text = %(b)s"),
        (
            "a NOT IN (SELECT value FROM json_each(:b))",
            "a <> ALL (ARRAY(SELECT jsonb_array_elements_text(%(b)s::jsonb)::bigint))",
        ),
        (
            "a IN (SELECT value FROM json_each(?))",
            "a = ANY (ARRAY(SELECT jsonb_array_elements_text(%s::jsonb)::bigint))",
        ),
        ("a CROSS JOIN b ON c", "a JOIN b ON c"),
    ],
)
def test_what_is_said_in_postgresqls_way(ours: str, theirs: str) -> None:
    """The statements of views are translated in these points and no other."""
    assert spoken(ours) == theirs
