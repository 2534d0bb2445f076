"""Alarms: which measures are out of bounds, since when, and telling whoever looks after the hub.

The same rules stand as Prometheus alerts in `adapters/telemetry/alerts.yml`, and a test holds them
together. An alarm is a constant word and the names of what it is of; it is told when it is raised
and when it is cleared, again and again until it was heard, and nothing waits for that.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from domain.canonical import canonical
from domain.errors import HubError
from services.acknowledging import instant
from services.vital_signs import Sample, VitalSigns, samples

Severity = Literal["page", "ticket"]
EVERY_S = 15.0
UNTOLD_MAX = 1_000
"""Of more the oldest are dropped: whoever hears nothing for so long has another alarm."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """A measure may not be above a bound for longer than so many seconds.

    With `within_s` it is one that only grows, and the bound is of how much it grew in that time.
    """

    alarm: str
    measure: str
    above: int
    for_s: int
    severity: Severity
    said: str
    within_s: int | None = None


RULES: tuple[Rule, ...] = (
    Rule("BhrLedgerBehind", "bhr_ledger_behind", 0, 0, "page",
         "others saw more of a ledger than is here: `bhr ledger status` says what to do"),
    Rule("BhrLedgerUnread", "bhr_ledgers_unread", 0, 60, "page",
         "a ledger cannot be read: its server or disk is away"),
    Rule("BhrViewsLag", "bhr_views_lag_seconds", 300, 60, "ticket",
         "views are behind their ledger: is `bhr project` running?"),
    Rule("BhrStreamsParked", "bhr_views_parked_streams", 0, 300, "ticket",
         "a stream is not folded: `bhr views parked` says why"),
    Rule("BhrFeedGaps", "bhr_feed_missing_numbers", 0, 3_600, "ticket",
         "numbers of a source are missing: its outbox, or what it was refused, is to be looked at"),
    Rule("BhrCanaryLate", "bhr_feed_canary_age_seconds", 7_200, 0, "ticket",
         "a source that sent canaries has sent none for two hours"),
    Rule("BhrEntriesUnpublished", "bhr_checkpoint_unpublished_entries", 0, 300, "page",
         "entries are in no published checkpoint: witnesses or the signing process are away"),
    Rule("BhrCheckpointLate", "bhr_checkpoint_age_seconds", 7_200, 300, "page",
         "no checkpoint was published for two hours, though a quiet ledger has one each hour"),
    Rule("BhrCosignatureLate", "bhr_cosignature_age_seconds", 7_200, 300, "page",
         "no witness cosigned for two hours"),
    Rule("BhrOutboxLag", "bhr_outbox_lag_seconds", 300, 60, "ticket",
         "participants are not told: is `bhr outbox` running, and Kafka there?"),
    Rule("BhrKeysUnmirrored", "bhr_keys_unmirrored", 0, 3_600, "ticket",
         "the key store stands once: a lost disk loses everything that was sealed"),
    Rule("BhrIntakeWaits", "bhr_intake_waits", 0, 300, "page",
         "nothing of a queue is taken in: Kafka, its ledger or the place for dead letters is away"),
    Rule("BhrIntakeBehind", "bhr_intake_behind", 0, 900, "ticket",
         "a queue was behind for a quarter of an hour"),
    Rule("BhrIntakePutAway", "bhr_intake_put_away", 0, 0, "ticket",
         "messages were put away as dead letters: bhr intake redrive --dry-run lists them",
         within_s=3_600),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Teller:
    """Which process tells: of several that measure the same each raises and clears its own."""

    process: str
    """What it is, such as "intake"."""
    instance: str
    """Which of these: its machine, and what nothing else there has meanwhile."""


@dataclass(frozen=True, slots=True)
class Told:
    """That an alarm was raised or cleared."""

    alarm: str
    at_ms: int
    of: tuple[tuple[str, str], ...]
    raised: bool
    severity: Severity

    def encode(self, by: Teller) -> bytes:
        """Give what a process sends of it: the same bytes however often."""
        return canonical(
            {
                "alarm": self.alarm,
                "at": instant(self.at_ms),
                "instance": by.instance,
                "of": dict(self.of),
                "process": by.process,
                "severity": self.severity,
                "state": "raised" if self.raised else "cleared",
            }
        )


Key = tuple[str, tuple[tuple[str, str], ...]]


class _Growth:
    """How much a measure grew lately: it began at nought, with this process."""

    def __init__(self) -> None:
        self._last = 0
        self._steps: deque[tuple[int, int]] = deque()

    def lately(self, value: int, now_ms: int, within_s: int) -> int:
        """Say how much it grew in so many seconds before now, where it is at `value`."""
        if value > self._last:
            self._steps.append((now_ms, value - self._last))
            self._last = value
        while self._steps and now_ms - self._steps[0][0] >= within_s * 1000:
            self._steps.popleft()
        return sum(by for _, by in self._steps)


class Alarms:
    """Holds what is measured to the rules."""

    def __init__(self, rules: Iterable[Rule] = RULES) -> None:
        """Begin with nothing raised."""
        self._rules: Mapping[str, list[Rule]] = _by_measure(rules)
        self._growth: defaultdict[Key, _Growth] = defaultdict(_Growth)
        self._since: dict[Key, int] = {}
        self._raised: dict[Key, Rule] = {}

    def heard(self, found: Iterable[Sample], now_ms: int, unread: Iterable[str] = ()) -> list[Told]:
        """Give what was raised and cleared by these samples.

        Of ledgers that are `unread` nothing is known: what was raised for one stays so.
        """
        above: dict[Key, Rule] = {}
        for one in found:
            for rule in self._rules.get(one.measure, ()):
                if self._value(rule, one, now_ms) > rule.above:
                    above[rule.alarm, one.of] = rule
        unseen = {("ledger", name) for name in unread}
        hidden = {key: at for key, at in self._since.items() if not unseen.isdisjoint(key[1])}
        self._since = hidden | {key: self._since.get(key, now_ms) for key in above}
        lasting = {
            key: rule
            for key, rule in above.items()
            if now_ms - self._since[key] >= rule.for_s * 1000
        }
        raised = [(key, rule) for key, rule in lasting.items() if key not in self._raised]
        cleared = [(key, rule) for key, rule in self._raised.items() if key not in self._since]
        for key, _ in cleared:
            del self._raised[key]
        self._raised |= dict(raised)
        return [
            Told(key[0], now_ms, key[1], up, rule.severity)
            for up, changed in ((True, raised), (False, cleared))
            for key, rule in changed
        ]

    def _value(self, rule: Rule, sample: Sample, now_ms: int) -> int:
        if rule.within_s is None:
            return sample.value
        return self._growth[rule.alarm, sample.of].lately(sample.value, now_ms, rule.within_s)


def _by_measure(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.measure, []).append(rule)
    return found


class Alarming:
    """Looks at a hub again and again, and tells what changed until it was heard."""

    def __init__(
        self,
        signs: Callable[[], VitalSigns],
        tell: Callable[[bytes], bool],
        now_ms: Callable[[], int],
        teller: Teller,
        also: Callable[[], Iterable[Sample]] = tuple,
    ) -> None:
        """Read by `signs`; `tell` sends one alarm of `teller`, and says whether it was heard.

        What this process measures of its own work it gives by `also`.
        """
        self._signs = signs
        self._also = also
        self._tell = tell
        self._now_ms = now_ms
        self._teller = teller
        self._alarms = Alarms()
        self._untold: deque[Told] = deque(maxlen=UNTOLD_MAX)

    def step(self) -> None:
        """Look once, and tell what waits, in order; what is not heard waits for the next time."""
        signs = self._signs()
        found = (*samples(signs), *self._also())
        for one in self._alarms.heard(found, self._now_ms(), signs.unread):
            state = "raised" if one.raised else "cleared"
            of = " ".join(f"{name}={value}" for name, value in one.of)
            _log.warning("alarm-%s alarm=%s %s", state, one.alarm, of)
            self._untold.append(one)
        while self._untold and self._tell(self._untold[0].encode(self._teller)):
            self._untold.popleft()

    def run(self, wait: Callable[[float], bool]) -> None:
        """Go on until `wait(seconds)` says to stop."""
        while not wait(EVERY_S):
            try:
                self.step()
            except HubError as fault:
                _log.warning("alarms-wait reason=%s", type(fault).__name__)
