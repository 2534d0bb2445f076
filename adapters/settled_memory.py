"""What the garbage collector leaves alone: models that live as long as the process does."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_MAX = 100_000
"""Objects made before the collector looks: a batch's models must not be walked while they live."""


def settle_memory() -> None:
    """Let the collector leave alone what lives as long as the process; call once it is set up.

    Without this a third of an intake's time goes into walking the vocabulary's models again, and a
    quarter of a verification's.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 20, 100)


@contextmanager
def memory_settled() -> Iterator[None]:
    """Settle memory for one long piece of work, in a process that may have others to do."""
    before = gc.get_threshold()
    settle_memory()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
