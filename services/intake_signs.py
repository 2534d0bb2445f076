"""How taking in goes on in one process: what became of messages, how far behind, who waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.taking_in import TAKEN
from services.vital_signs import Sample


@dataclass(frozen=True, slots=True)
class IntakeSigns:
    """What one process took in since it began, and how it stands now."""

    messages: Mapping[tuple[str, str], int]
    """By ledger, and "taken" or why they were put away."""
    behind: Mapping[str, int]
    """Messages that are known of and not taken, of the ledgers whose queues are this process's."""
    waiting: Sequence[str]
    """Ledgers of which nothing can be taken just now."""
    ledgers: Sequence[str]
    """Every ledger whose queue may come to be this process's, or was."""


COUNTED: Mapping[str, str] = {
    "bhr_intake_messages": "Messages of queues, by what became of them: taken, or why put away",
    "bhr_intake_put_away": "Messages of a queue that were put away, for whatever reason",
}
"""Every measure that only grows while the process lives, and what it says."""
STANDING: Mapping[str, str] = {
    "bhr_intake_behind": "Messages of a queue that are not taken yet",
    "bhr_intake_waits": "1 where nothing of a queue can be taken just now",
}
"""Every measure that says how it stands now, and what it says."""


def samples(signs: IntakeSigns) -> Iterator[Sample]:
    """Give every number there is.

    What was put away is counted from nought on, of every ledger: a monitoring that first hears of a
    count once there is one does not see it grow, and the first message of a queue may be that one.
    """
    put_away = dict.fromkeys(sorted(signs.ledgers), 0)
    for (ledger, outcome), count in signs.messages.items():
        yield Sample("bhr_intake_messages", (("ledger", ledger), ("outcome", outcome)), count)
        put_away[ledger] += count if outcome != TAKEN else 0
    for ledger, count in put_away.items():
        yield Sample("bhr_intake_put_away", (("ledger", ledger),), count)
    for ledger, count in signs.behind.items():
        yield Sample("bhr_intake_behind", (("ledger", ledger),), count)
    for ledger in sorted({*signs.behind, *signs.waiting}):
        yield Sample("bhr_intake_waits", (("ledger", ledger),), int(ledger in signs.waiting))
