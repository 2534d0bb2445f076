"""Work in processes of their own: each begins afresh, says how far it is, and fails in our words.

What is handed over either way is small: what to read, and what came of it.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.queues import SimpleQueue
from typing import ParamSpec, TypeVar

from domain.errors import HubError, Unavailable
from services.audit.replaying import Progress

P = ParamSpec("P")
T = TypeVar("T")

# Each process starts afresh: one forked from here would share open files and locks.
FRESH = multiprocessing.get_context("spawn")
WORTH_A_PROCESS = 20_000
"""Entries from which on work is split by ledger, unless it is said: a process takes two seconds to
start."""
_HEAR_S = 0.2
_AT_ONCE = 4_096
"""More tellings than a pipe has room for: whoever hears so many has heard all that was there."""
_begun: list[tuple[SimpleQueue[tuple[str, int, int]], ctypes.c_bool]] = []
"""In a process of its own: where it tells how far it is, and what says that this is enough."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An error of ours as it crosses over: it is not made of the words that it says."""

    kind: type[HubError]
    words: tuple[object, ...]
    known: Mapping[str, object]

    def again(self) -> HubError:
        """Give the error."""
        fault = self.kind.__new__(self.kind)
        fault.args = self.words
        vars(fault).update(self.known)
        return fault


class Processes:
    """Some processes that wait for work."""

    def __init__(
        self,
        pool: ProcessPoolExecutor,
        told: SimpleQueue[tuple[str, int, int]],
        tell: Progress,
    ) -> None:
        """Pass on to `tell` what they tell."""
        self._pool = pool
        self._told = told
        self._tell = tell

    def begin(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> Future[T | Failed]:
        """Begin some work: a function of a module, and what it is given."""
        return self._pool.submit(_worked, partial(work, *given, **named))

    def ended(self, running: Future[T | Failed]) -> T:
        """Wait for some work; raises what it raised, Unavailable where its process was ended."""
        try:
            while wait([running], timeout=_HEAR_S).not_done:
                self.hear()
                # The pool looks out for the end of those processes alone that there were when it
                # was last given something: else the end of a younger one is never noticed.
                self._pool.submit(_nothing)
            self.hear()
            found = running.result()
        except (BrokenExecutor, CancelledError):
            raise Unavailable("one of the processes that are at work") from None
        if isinstance(found, Failed):
            raise found.again()
        return found

    def hear(self) -> None:
        """Pass on what was told until now, however fast others go on telling."""
        for _ in range(_AT_ONCE):
            if self._told.empty():
                return
            self._tell(*self._told.get())


def worth_it(entries: int, asked: int | None) -> int:
    """Say how many processes go through so many entries: those asked for, else one a core or 1."""
    return asked or (os.cpu_count() or 1 if entries >= WORTH_A_PROCESS else 1)


@contextmanager
def at_work(most: int, tell: Progress) -> Iterator[Processes]:
    """Give so many processes. What is at work still when they are left is told to stop."""
    told: SimpleQueue[tuple[str, int, int]] = FRESH.SimpleQueue()
    # Without a lock: a process that is killed while it looks would keep it for ever.
    enough = FRESH.RawValue(ctypes.c_bool, False)  # noqa: FBT003 - its beginning
    with ProcessPoolExecutor(most, FRESH, _begin, (told, enough)) as pool:
        made = Processes(pool, told, tell)
        try:
            yield made
        finally:
            enough.value = True
            # Who waits for room to tell something gets it, and next time is told to stop.
            made.hear()
            pool.shutdown(cancel_futures=True)


def tell_on(ledger: str, done: int, size: int) -> None:
    """Tell, from within one of these processes, how far it is; raises Unavailable to end it."""
    ((told, enough),) = _begun
    if enough.value:
        raise Unavailable("who wanted to know")
    told.put((ledger, done, size))


def _begin(told: SimpleQueue[tuple[str, int, int]], enough: ctypes.c_bool) -> None:
    _begun.append((told, enough))


def _nothing() -> None:
    """Do nothing."""


def _worked(work: Callable[[], T]) -> T | Failed:
    try:
        return work()
    except HubError as fault:
        return Failed(type(fault), fault.args, dict(vars(fault)))
