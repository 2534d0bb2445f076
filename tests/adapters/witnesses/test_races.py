"""Many ask one witness at once: what it cosigns is one chain all the same."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.witnesses.book import SqliteWitnessBook
from domain.checkpoint import Checkpoint
from services.witnessing import Witnessing
from tests.adapters.witnesses.conftest import SIGNER, Served, cosigned
from tests.log_rig import SmallLog
from tests.note_rig import ORIGIN

HERE = SmallLog()


def test_of_many_at_once_one_line_of_trees_is_cosigned(served: Served) -> None:
    """Two histories race in many threads: what was cosigned is one chain, and its end is kept."""
    served.add(HERE.request(0, 3))
    histories = (HERE, SmallLog(history="two", since=4), SmallLog(history="three", since=4))
    requests = [
        (log, new, log.request(old, new))
        for log in histories
        for old, new in ((3, 7), (3, 12), (7, 12), (12, 20), (7, 20), (7, 7), (12, 12))
    ]
    gate = threading.Barrier(len(requests))

    def ask(of: tuple[SmallLog, int, bytes]) -> Checkpoint | None:
        gate.wait()
        answer = served.add(of[2])
        assert answer[0] in {200, 409, 422}
        if answer[0] != 200:
            return None
        cosigned(answer, of[0].checkpoint(of[1]))
        return of[0].checkpoint(of[1])

    with ThreadPoolExecutor(len(requests)) as pool:
        signed = {one for one in pool.map(ask, requests) if one}
    (winner,) = {log for log in histories for one in signed if log.checkpoint(one.size) == one}
    assert signed <= {winner.checkpoint(size) for size in (7, 12, 20)}
    known = served.book.log(ORIGIN)
    assert known is not None
    assert known.tree.size == max(one.size for one in signed)


def test_two_processes_hold_one_book(served: Served) -> None:
    """A second witness over the same book sees at once what the first has cosigned."""
    with SqliteWitnessBook(served.path) as again:
        second = Witnessing(again, SIGNER, ALGORITHMS, served.clock)
        assert served.add(HERE.request(0, 5))[0] == 200
        assert second.add_checkpoint(HERE.request(0, 9)).status == 409
        assert second.add_checkpoint(HERE.request(5, 9)).status == 200
        assert served.add(HERE.request(5, 9))[:2] == (409, b"9\n")
