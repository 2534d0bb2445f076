"""What all stores of a process that use one login share: few connections, and nobody waits long."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from time import monotonic

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from adapters import postgres_pool
from adapters.postgres_connections import Patience, Place
from adapters.postgres_pool import IN_THE_MIDDLE, LENT_AT_ONCE, Connections
from domain.errors import Unavailable
from tests.journeys.machines import wait_until
from tests.postgres_server import AUDITOR, HUB, as_user, database

pytestmark = pytest.mark.postgres
SCHEMAS = ("public", "information_schema", "pg_catalog")
IMPATIENT = Patience(lock_ms=300)
PATIENCE_S = 30
Store = Callable[..., Connections]


@pytest.fixture
def named() -> str:
    """The name by which the server knows the connections of one test."""
    return f"pool-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def store(named: str) -> Iterator[Store]:
    """Give what opens one more store of a login."""
    with ExitStack() as ending:

        def opened(
            schema: str = "public", user: str = HUB, patience: Patience | None = None
        ) -> Connections:
            reached = make_conninfo(as_user(database(), user), application_name=named)
            return ending.enter_context(
                closing(Connections(Place(reached, schema), "a store", patience))
            )

        yield opened


def connected(named: str) -> int:
    """Count the connections that the server has of a test, once those that were closed are gone."""
    counted = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
    with psycopg.connect(database(), autocommit=True) as connection:
        last = -1
        while True:
            ((found,),) = connection.execute(counted, (named,)).fetchall()
            if found == last:
                return int(found)
            last = found
            connection.execute("SELECT pg_sleep(0.1)")


def asked(store: Connections, what: str = "current_schema()") -> object:
    """Ask the server something of the session that a store is lent."""
    with store.looking() as cursor:
        return cursor.execute(f"SELECT {what}").fetchall()[0][0]


def lent_at_once(store: Connections, many: int) -> None:
    """Have so many threads be lent a connection at the same moment, and give them all back."""
    begun = threading.Barrier(many)

    def hold() -> None:
        with store.looking():
            begun.wait(PATIENCE_S)

    with ThreadPoolExecutor(many) as threads:
        for each in [threads.submit(hold) for _ in range(many)]:
            each.result()


def test_many_stores_share_few_connections(store: Store, named: str) -> None:
    """However many threads ask in however many schemas, each sees its own, over a few in all."""
    stores = [store(schema) for schema in SCHEMAS * 4]
    with ThreadPoolExecutor(12) as threads:
        found = list(threads.map(asked, stores * 5))
    assert found == [*SCHEMAS] * 20
    assert connected(named) <= LENT_AT_ONCE


def test_one_thread_needs_one_connection(store: Store, named: str) -> None:
    """Who goes from store to store takes the same connection along, also after what failed."""
    stores = [store(schema) for schema in SCHEMAS]
    assert [asked(one) for one in stores] == [*SCHEMAS]
    for one, schema in zip(stores, SCHEMAS, strict=True):
        with pytest.raises(psycopg.Error), one.writing() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert asked(one) == schema
    assert connected(named) == 1


def test_logins_are_kept_apart(store: Store) -> None:
    """What may look never comes by a connection of what may write, and the other way round."""
    writing, reading = store(), store(user=AUDITOR)
    assert asked(writing, "current_user") == HUB
    assert asked(reading, "current_user") == AUDITOR
    assert asked(writing, "current_user") == HUB


def test_nobody_waits_without_end(store: Store) -> None:
    """While all are lent out, who asks is told soon that none is to be had; later one is."""
    one = store(patience=IMPATIENT)
    begun, done = threading.Barrier(LENT_AT_ONCE + 1), threading.Event()

    def hold() -> None:
        with one.looking():
            begun.wait(PATIENCE_S)
            assert done.wait(PATIENCE_S)

    with ThreadPoolExecutor(LENT_AT_ONCE) as threads:
        holding = [threads.submit(hold) for _ in range(LENT_AT_ONCE)]
        begun.wait(PATIENCE_S)
        with pytest.raises(Unavailable):
            asked(one)
        done.set()
        for each in holding:
            each.result()
    assert asked(one) == "public"


def test_all_may_ask_in_the_middle(store: Store, named: str) -> None:
    """When everybody who was lent one asks for another before it gives one back, all are served."""
    views, ledger = store("public"), store("pg_catalog")
    begun = threading.Barrier(LENT_AT_ONCE)

    def ask_twice() -> object:
        with views.looking():
            begun.wait(PATIENCE_S)
            return asked(ledger)

    with ThreadPoolExecutor(LENT_AT_ONCE) as threads:
        asking = [threads.submit(ask_twice) for _ in range(LENT_AT_ONCE)]
        assert [each.result() for each in asking] == ["pg_catalog"] * LENT_AT_ONCE
    assert connected(named) <= LENT_AT_ONCE + IN_THE_MIDDLE


def test_none_can_hang_who_asks_ever_deeper(store: Store) -> None:
    """Threads that ask for a third in the middle of a second get it, or are told; none hangs."""
    one = store(patience=IMPATIENT)
    begun = threading.Barrier(IN_THE_MIDDLE)

    def ask_thrice() -> bool:
        with one.looking(), one.looking():
            begun.wait(PATIENCE_S)
            try:
                return asked(one) == "public"
            except Unavailable:
                return False

    since = monotonic()
    with ThreadPoolExecutor(IN_THE_MIDDLE) as threads:
        asking = [threads.submit(ask_thrice) for _ in range(IN_THE_MIDDLE)]
        done, hanging = wait(asking, PATIENCE_S)
    assert not hanging
    assert False in {each.result() for each in done}
    assert monotonic() - since < PATIENCE_S
    assert asked(one) == "public"


def test_what_is_not_needed_is_given_back(store: Store, named: str) -> None:
    """A look closes all but as many as were lent at once since the last; at rest that is all."""
    one = store()
    lent_at_once(one, 4)
    pool = one._pool
    pool.look()
    assert connected(named) == 4
    assert asked(one) == "public"
    pool.look()
    assert connected(named) == 1
    pool.look()
    assert connected(named) == 0
    assert asked(one) == "public"


def test_nobody_has_to_look(store: Store, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool looks by itself, again and again, until it holds nothing; a later loan begins anew."""
    monkeypatch.setattr(postgres_pool, "LOOKS_AFTER_S", 0.05)
    one = store()
    for _ in range(2):
        assert asked(one) == "public"
        wait_until(lambda: connected(named) == 0, "the pool looks")


def test_the_last_store_closes_what_lies_idle(store: Store, named: str) -> None:
    """A store that is closed refuses, and takes nothing from others; the last one leaves none."""
    one, other = store(), store()
    assert asked(one) == "public"
    one.close()
    with pytest.raises(Unavailable):
        asked(one)
    assert connected(named) == 1
    assert asked(other) == "public"
    other.close()
    assert connected(named) == 0


def test_one_that_is_stale_tells_of_all(store: Store, named: str) -> None:
    """After the server cut them, the first that is found dead has all replaced, and costs one."""
    one = store()
    lent_at_once(one, 4)
    with psycopg.connect(database(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = %s",
            (named,),
        )
    assert asked(one) == "public"
    assert connected(named) == 1


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # threads are about, and stay here
def test_a_forked_process_has_none_of_ours(store: Store) -> None:
    """What was forked from here is refused, and takes nothing along of what goes on here."""
    one = store()
    assert asked(one) == "public"
    child = os.fork()
    if child == 0:  # whatever happens, this process goes no further
        try:
            one.close()
            asked(one)
        except Unavailable:
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert asked(one) == "public"
