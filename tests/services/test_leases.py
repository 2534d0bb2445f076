"""Workers share ledgers evenly, no two have one at once, and what is left behind is taken over."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unavailable
from services.leases import WORKERS_MAX, Leases
from services.projecting import Projector
from tests.fakes_views import FakeViews
from tests.projections.builders import Borough, Told, rules

LEDGERS = ("barking-and-dagenham", "bhr", "havering", "redbridge")


@dataclass
class Board:
    """Who has which lock, as whoever keeps locks knows it."""

    holders: dict[str, int] = field(default_factory=dict)
    away: bool = False


@dataclass
class BoardLocks:
    """One worker's locks on a board."""

    board: Board
    me: int

    def check(self) -> None:
        """Fail while the board is away; what was held is lost."""
        if self.board.away:
            self.close()
            raise Unavailable("the board")

    def take(self, name: str) -> bool:
        """Take a lock."""
        return self.board.holders.setdefault(name, self.me) == self.me

    def let_go(self, name: str) -> None:
        """Let go of one."""
        if self.board.holders.get(name) == self.me:
            del self.board.holders[name]

    def taken(self, names: object) -> int:
        """Count those taken."""
        assert isinstance(names, tuple)
        return len(self.board.holders.keys() & set(names))

    def close(self) -> None:
        """Let go of all."""
        self.board.holders = {
            name: who for name, who in self.board.holders.items() if who != self.me
        }


class Crew:
    """Some workers of one store."""

    def __init__(self, ledgers: tuple[str, ...] = LEDGERS) -> None:
        """Begin with nobody."""
        self.board = Board()
        self.workers: list[Leases] = []
        self._ledgers = ledgers
        self._begun = 0

    def begin(self) -> Leases:
        """Begin one more."""
        self._begun += 1
        self.workers.append(Leases(BoardLocks(self.board, self._begun), self._ledgers))
        return self.workers[-1]

    def look(self) -> list[set[str]]:
        """Let each look once, in order."""
        return [set(one.look()) for one in self.workers]


def test_one_worker_has_all() -> None:
    """Alone, a worker folds every ledger."""
    assert set(Crew().begin().look()) == set(LEDGERS)


@pytest.mark.parametrize("workers", [2, 3, 4, 7])
def test_work_is_shared_evenly(workers: int) -> None:
    """Soon after they began, all ledgers are somebody's and nobody has more than its share."""
    crew = Crew()
    for _ in range(workers):
        crew.begin()
        crew.look()
    crew.look()
    held = crew.look()
    assert sorted(name for one in held for name in one) == sorted(LEDGERS)
    assert max(len(one) for one in held) == -(-len(LEDGERS) // workers)


def test_what_a_worker_leaves_is_taken_over() -> None:
    """After one ends, another has its ledgers at its next look."""
    crew = Crew()
    first, second = crew.begin(), crew.begin()
    crew.look()
    crew.look()
    assert len(second.look()) == 2
    first.close()
    crew.workers.remove(first)
    assert set(second.look()) == set(LEDGERS)


def test_each_work_is_shared_by_itself() -> None:
    """Who tells participants has all ledgers to tell of, whoever folds them."""
    crew = Crew()
    crew.begin()
    teller = Leases(BoardLocks(crew.board, 99), LEDGERS, work="outbox")
    assert crew.look() == [set(LEDGERS)]
    assert set(teller.look()) == set(LEDGERS)


def test_while_locks_are_away_nobody_folds() -> None:
    """A worker that cannot see its locks holds nothing, and takes them again afterwards."""
    crew = Crew()
    worker = crew.begin()
    worker.look()
    crew.board.away = True
    with pytest.raises(Unavailable):
        worker.look()
    crew.board.away = False
    assert set(worker.look()) == set(LEDGERS)


def test_more_workers_than_there_is_room_for_wait() -> None:
    """A worker without a slot folds nothing until another ends."""
    crew = Crew()
    for _ in range(WORKERS_MAX):
        crew.begin()
    crew.look()
    late = crew.begin()
    assert late.look() == ()
    crew.workers[0].close()
    assert late.look() != () or sum(len(one) for one in crew.look()) == len(LEDGERS)


@settings(max_examples=60)
@given(
    ledgers=st.integers(min_value=1, max_value=4),
    moves=st.lists(st.integers(min_value=0, max_value=5), max_size=30),
)
def test_no_two_ever_have_one(ledgers: int, moves: list[int]) -> None:
    """However workers come, look and go, no ledger is two workers', and soon each is somebody's."""
    crew = Crew(LEDGERS[:ledgers])
    now: dict[Leases, set[str]] = {}
    for move in moves:
        if move == 0 or not crew.workers:
            crew.begin()
        elif move == 1:
            gone = crew.workers.pop(0)
            gone.close()
            now.pop(gone, None)
        else:
            worker = crew.workers[move % len(crew.workers)]
            now[worker] = set(worker.look())
        held = [name for one in now.values() for name in one]
        assert len(held) == len(set(held))
    worker = crew.begin()
    crew.look()
    crew.look()
    held = [name for one in crew.look() for name in one]
    assert sorted(held) == sorted(LEDGERS[:ledgers])
    assert len(worker.look()) <= -(-ledgers // len(crew.workers))


def assessed_in(ledger: str) -> Borough:
    """Give a borough with one assessment."""
    borough = Borough(ledger)
    borough.assessed("child", ["13A"], Told(stream="s"))
    return borough


def test_a_runner_folds_what_is_its_own() -> None:
    """Of several ledgers a runner folds those that are shared out to it, as that changes."""
    boroughs = [assessed_in("havering"), assessed_in("redbridge")]
    store = FakeViews()
    runner = Projector({one.ledger: one for one in boroughs}, lambda: store, rules(*boroughs))
    runner.shared_out = lambda: ("redbridge",)
    assert runner.step() == 1
    assert (store.position("havering"), store.position("redbridge")) == (0, 1)
    runner.shared_out = lambda: ("havering",)
    assert runner.step() == 1
    assert store.position("havering") == 1


class LosingLocks(BoardLocks):
    """A worker's locks, whose session ends between two questions of one look."""

    lost = False

    def taken(self, names: object) -> int:
        """Fail where the session was lost."""
        if self.lost:
            self.lost = False
            self.close()
            raise Unavailable("the board")
        return super().taken(names)


def test_locks_that_go_within_a_look_are_taken_again() -> None:
    """A worker that lost its session midway folds nothing that another has taken meanwhile."""
    board = Board()
    locks = LosingLocks(board, 1)
    worker, other = Leases(locks, LEDGERS), Leases(BoardLocks(board, 2), LEDGERS)
    assert set(worker.look()) == set(LEDGERS)
    locks.lost = True
    with pytest.raises(Unavailable):
        worker.look()
    assert set(other.look()) == set(LEDGERS)
    assert worker.look() == ()
    assert set(other.look()).isdisjoint(worker.look())
