"""How taking in goes on in one process: what became of messages, how far behind, who waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntakeSigns:
    """What one process took in since it began, and how it stands now."""

    messages: Mapping[tuple[str, str], int]
    """By ledger, and "taken" or why they were put away."""
    behind: Mapping[str, int]
    """Messages that are known of and not taken, of the ledgers whose queues are this process's."""
    waiting: Sequence[str]
    """Ledgers of which nothing can be taken just now."""
