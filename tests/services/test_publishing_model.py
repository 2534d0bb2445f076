"""Publishing against a model: whatever is sent, in whichever order, and whatever fails between."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from adapters.ledger.memory import MemoryLedger
from domain.canonical import canonical
from domain.errors import Unavailable
from domain.record import Attestation
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import HubRig
from tests.rig_faults import FailingKeyStore, FailingLedger, When
from tests.rig_publisher import Json, Publisher, inner, outcomes, stated, token
from tests.services.test_publishing import codes

Fate = int | str
"""The position at which an event stands, or the code with which it was refused."""
FAULTS = ("before-1990", "held-back")
CONFLICT = "already-recorded-differently"


@dataclass
class Model:
    """What a ledger ought to hold: accepted events by id, and refusals, in order."""

    size: int = 0
    standing: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """The sequence of each recorded refusal."""

    def take(self, events: list[Json], *, atomic: bool) -> list[Fate]:
        """Take a submission; gives the fate of each event."""
        bad = [str(event["time"]) < "1990" for event in events]
        if atomic and any(bad):
            self._refuse(events)
            return [FAULTS[0] if one else FAULTS[1] for one in bad]
        fates, fresh = self._placed(events, bad)
        if atomic and CONFLICT in fates:
            fates, fresh = [self._held(event) for event in events], {}
        self.standing |= fresh
        self.size += len(fresh)
        for code in (FAULTS[:1], (FAULTS[1], CONFLICT)):
            self._refuse([event for event, one in zip(events, fates, strict=True) if one in code])
        return fates

    def _placed(
        self, events: list[Json], bad: list[bool]
    ) -> tuple[list[Fate], dict[str, tuple[int, bytes]]]:
        fates: list[Fate] = []
        fresh: dict[str, tuple[int, bytes]] = {}
        for event, one in zip(events, bad, strict=True):
            if one:
                fates.append(FAULTS[0])
                continue
            mine = (self.size + len(fresh), stated(event))
            stands = (self.standing | fresh).get(str(event["id"]))
            if stands is None:
                fresh[str(event["id"])] = stands = mine
            fates.append(stands[0] if stands[1] == mine[1] else CONFLICT)
        return fates, fresh

    def _held(self, event: Json) -> Fate:
        stands = self.standing.get(str(event["id"]))
        if stands is None:
            return FAULTS[1]
        return stands[0] if stands[1] == stated(event) else CONFLICT

    def _refuse(self, events: list[Json]) -> None:
        self.refused += [str(event["sequence"]) for event in events]
        self.size += len(events)


class PublishingMachine(RuleBasedStateMachine):
    """One borough that publishes good and bad events, again, differently, and in bad weather."""

    events: Bundle[Json] = Bundle("events")
    sent: Bundle[tuple[bytes, bool]] = Bundle("sent")

    def __init__(self) -> None:
        """Begin with an empty ledger."""
        super().__init__()
        self.ledgers: dict[str, FailingLedger] = {}
        self.keys = FailingKeyStore(MemoryKeyStore())
        self.rig = HubRig(key_store=self.keys, make_ledger=self._ledger)
        self.publisher: Publisher = self.rig.publisher()
        self.model = Model()
        self.answers: dict[bytes, bytes] = {}

    def _ledger(self, name: str) -> FailingLedger:
        return self.ledgers.setdefault(name, FailingLedger(MemoryLedger(name)))

    @rule(target=events, good=st.booleans())
    def make(self, *, good: bool) -> Json:
        """An event happens; some are too long ago."""
        time = "2024-05-01T00:00:00Z" if good else "1989-12-31T00:00:00Z"
        return self.publisher.event(time=time)

    @rule(target=events, event=events)
    def change(self, event: Json) -> Json:
        """Somebody changes what was said under an id."""
        other: Json = json.loads(canonical(event))
        inner(inner(other, "data"), "salts")["facts"] = token()
        return other

    @rule(
        target=sent,
        events=st.lists(events, min_size=1, max_size=4),
        atomic=st.booleans(),
        fault=st.none()
        | st.sampled_from([("append", "before"), ("append", "after"), ("add", "after")]),
    )
    def publish(
        self, events: list[Json], *, atomic: bool, fault: tuple[str, When] | None
    ) -> tuple[bytes, bool]:
        """A submission is sent, and sent again if nobody answered."""
        return self._sent(events, atomic=atomic, fault=fault)

    def _sent(
        self, events: list[Json], *, atomic: bool, fault: tuple[str, When] | None = None
    ) -> tuple[bytes, bool]:
        raw = self.publisher.submission(*events)
        if fault is not None:
            plan = self.keys.plan if fault[0] == "add" else self.ledgers["havering"].plan
            plan.fail(*fault)
        fates = self.model.take(events, atomic=atomic)
        try:
            answer = self.publisher.send(raw, atomic=atomic)
        except Unavailable:
            self.rig.custody.forget()
            answer = self.publisher.send(raw, atomic=atomic)
        self.keys.plan.fail("")
        told = [
            one["position"]
            if one["outcome"] == "recorded"
            else next(code for _, code in codes(one))
            for one in outcomes(answer)
        ]
        assert told == fates
        self.answers[raw] = answer.acknowledgement
        return raw, atomic

    @rule(submission=sent, atomic=st.booleans())
    def resend(self, submission: tuple[bytes, bool], *, atomic: bool) -> None:
        """The same bytes again are answered with the same bytes, whatever is asked for now."""
        raw, _ = submission
        assert self.publisher.send(raw, atomic=atomic).acknowledgement == self.answers[raw]

    @rule(target=sent, one=sent, other=sent)
    def again(self, one: tuple[bytes, bool], other: tuple[bytes, bool]) -> tuple[bytes, bool]:
        """Events that were sent in two submissions are sent in a third."""
        events = [*json.loads(one[0])["events"], *json.loads(other[0])["events"]]
        return self._sent(events[:12], atomic=one[1])

    @rule(step=st.sampled_from([0, 1, 60_000]))
    def pass_by(self, step: int) -> None:
        """Time passes, and keys are forgotten as after a restart."""
        self.rig.clock.at_ms += step
        self.rig.custody.forget()

    @invariant()
    def what_is_acknowledged_stands_exactly_once(self) -> None:
        """Each accepted event is at its position, once, and every refused number is filled."""
        opened = self.rig.havering.opened()
        assert len(opened) == self.model.size
        events = [one for one in opened if one.attestation is Attestation.SIGNED]
        assert {str(one.event_id): one.position for one in events} == {
            event: position for event, (position, _) in self.model.standing.items()
        }
        assert len(events) == len(self.model.standing)
        refused = [one.sequence for one in self.rig.havering.refusals()]
        assert refused == self.model.refused
        assert [one.position for one in opened] == list(range(len(opened)))

    def teardown(self) -> None:
        """Stop the writers."""
        self.rig.close()


TestPublishing = PublishingMachine.TestCase
TestPublishing.settings = settings(max_examples=25, stateful_step_count=15)
