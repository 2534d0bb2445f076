"""Alarms: raised when a bound was passed for long enough, cleared when not, told until heard."""

import json
from collections.abc import Sequence

import pytest

from domain.errors import Unavailable
from services.alarms import EVERY_S, RULES, UNTOLD_MAX, Alarming, Alarms, Rule, Teller, Told
from services.intake_signs import COUNTED, STANDING, IntakeSigns
from services.intake_signs import samples as samples_of_intake
from services.vital_signs import MEASURES, FeedSigns, LedgerSigns, Sample, VitalSigns, samples

HAVERING = (("ledger", "havering"),)
LAG = Rule("Lag", "lag", 10, 60, "page", "said")
TELLER = Teller("intake", "hub-1:9466")


def signs(
    name: str = "havering",
    *,
    behind: bool = False,
    mirrored: bool = True,
    lag_age_s: int | None = None,
) -> VitalSigns:
    """Give the signs of a hub that is well but for what is said."""
    ledger = LedgerSigns(
        name=name,
        entries=10,
        behind=behind,
        lag=0 if lag_age_s is None else 1,
        lag_age_s=lag_age_s,
        parked_streams=0,
        parked_entries=0,
        waiting=0,
        unpublished=0,
        checkpoint_age_s=5,
        cosignature_age_s=None,
        untold=None,
        untold_age_s=None,
        feeds=(FeedSigns("/participants/havering/a", 0, 60),),
    )
    return VitalSigns((ledger,), (), mirrored)


def lag(value: int) -> list[Sample]:
    """Give one sample."""
    return [Sample("lag", HAVERING, value)]


def brief(told: Sequence[Told]) -> list[tuple[str, bool]]:
    """Say what was told."""
    return [(one.alarm, one.raised) for one in told]


def test_raised_once_when_it_lasts_and_cleared_once() -> None:
    """A bound that is passed for its time is told once; so is that it is passed no more."""
    alarms = Alarms([LAG])
    assert alarms.heard(lag(11), 0) == []
    assert alarms.heard(lag(11), 59_999) == []
    assert brief(alarms.heard(lag(12), 60_000)) == [("Lag", True)]
    assert alarms.heard(lag(13), 90_000) == []
    assert brief(alarms.heard(lag(10), 90_001)) == [("Lag", False)]
    assert alarms.heard(lag(9), 99_000) == []


def test_what_does_not_last_is_not_told() -> None:
    """A bound that is passed again begins its time anew, and at the bound is not above it."""
    alarms = Alarms([LAG])
    for at, value in ((0, 11), (50_000, 10), (60_000, 11), (119_999, 11)):
        assert alarms.heard(lag(value), at) == []
    assert brief(alarms.heard(lag(11), 120_000)) == [("Lag", True)]


def test_each_ledger_has_alarms_of_its_own() -> None:
    """What is raised for one ledger says nothing of another, and a sample that is gone clears."""
    alarms = Alarms([Rule("Lag", "lag", 0, 0, "page", "said")])
    both = [Sample("lag", (("ledger", name),), 1) for name in ("havering", "redbridge")]
    assert brief(alarms.heard(both, 0)) == [("Lag", True)] * 2
    assert [one.of for one in alarms.heard(both[:1], 1)] == [(("ledger", "redbridge"),)]


def test_a_ledger_that_cannot_be_read_clears_nothing() -> None:
    """What was raised for it stays raised, and is cleared when it is read again and is well."""
    alarms = Alarms([LAG])
    assert alarms.heard(lag(11), 0) == []
    assert brief(alarms.heard(lag(11), 60_000)) == [("Lag", True)]
    assert alarms.heard([], 75_000, ["havering"]) == []
    assert alarms.heard(lag(11), 90_000) == []
    assert alarms.heard([], 105_000, ["havering"]) == []
    assert brief(alarms.heard(lag(10), 120_000)) == [("Lag", False)]


def test_what_is_not_seen_is_not_raised() -> None:
    """A bound that was passed before a ledger went is not held against it while it is away."""
    alarms = Alarms([LAG])
    assert alarms.heard(lag(11), 0) == []
    assert alarms.heard([], 75_000, ["havering"]) == []
    assert brief(alarms.heard(lag(11), 90_000)) == [("Lag", True)]


def test_one_entry_that_is_never_folded_is_told_of() -> None:
    """A small ledger whose projector is dead alarms, however few entries wait."""
    alarms = Alarms()
    assert alarms.heard(samples(signs(lag_age_s=290)), 0) == []
    assert alarms.heard(samples(signs(lag_age_s=305)), 15_000) == []
    assert brief(alarms.heard(samples(signs(lag_age_s=365)), 75_000)) == [("BhrViewsLag", True)]


def test_alarms_go_on_while_a_ledger_is_unread() -> None:
    """Whoever is told of a ledger that is behind is not told that it is well when it goes away."""
    sent: list[bytes] = []
    found = signs(behind=True)

    def tell(alarm: bytes) -> bool:
        sent.append(alarm)
        return True

    alarming = Alarming(lambda: found, tell, lambda: 0, TELLER)
    alarming.step()
    found = VitalSigns((), ("havering",), is_mirrored=True)
    alarming.step()
    assert [json.loads(one)["state"] for one in sent] == ["raised"]


def test_a_hub_that_is_well_raises_nothing() -> None:
    """No rule is above its bound in a hub that is well."""
    assert Alarms().heard(samples(signs()), 0) == []
    assert Alarms().heard(samples(signs()), 10**9) == []


def test_rules_are_about_what_is_measured() -> None:
    """Every rule's measure is one, and every sample's too; no two rules have one name."""
    assert {rule.measure for rule in RULES} <= {*MEASURES, *COUNTED, *STANDING}
    assert {rule.measure for rule in RULES if rule.within_s} <= set(COUNTED)
    assert {one.measure for one in samples(signs())} <= set(MEASURES)
    assert len({rule.alarm for rule in RULES}) == len(RULES)


def taking_in(*, put_away: int = 0, behind: int = 0, waiting: Sequence[str] = ()) -> list[Sample]:
    """Give what a process that takes in Havering's queue measures."""
    messages = {("havering", "taken"): 9, ("havering", "not-opened"): put_away}
    return list(
        samples_of_intake(IntakeSigns(messages, {"havering": behind}, waiting, ["havering"]))
    )


def test_what_is_put_away_is_told_of_for_an_hour() -> None:
    """A message that is put away raises an alarm at once, which an hour without another clears."""
    alarms = Alarms()
    assert alarms.heard(taking_in(), 0) == []
    raised = alarms.heard(taking_in(put_away=1), 15_000)
    assert [(one.alarm, one.raised, one.of) for one in raised] == [
        ("BhrIntakePutAway", True, HAVERING)
    ]
    assert alarms.heard(taking_in(put_away=2), 3_000_000) == []
    assert alarms.heard(taking_in(put_away=2), 6_599_999) == []
    assert brief(alarms.heard(taking_in(put_away=2), 6_600_000)) == [("BhrIntakePutAway", False)]


def test_growth_is_held_to_its_bound_as_a_whole() -> None:
    """What grew in several steps within the time counts together, and each step lapses alone."""
    alarms = Alarms([Rule("Many", "many", 2, 0, "ticket", "said", within_s=60)])

    def heard(value: int, now_ms: int) -> list[tuple[str, bool]]:
        return brief(alarms.heard([Sample("many", HAVERING, value)], now_ms))

    assert [heard(1, 0), heard(2, 30_000)] == [[], []]
    assert heard(3, 59_999) == [("Many", True)]
    assert heard(3, 60_000) == [("Many", False)]


def test_a_queue_that_stands_still_is_told_of() -> None:
    """One of which nothing can be taken is told of in five minutes, one behind in fifteen."""
    alarms = Alarms()
    stands = taking_in(behind=3, waiting=["havering"])
    assert [alarms.heard(stands, at) for at in (0, 299_999)] == [[], []]
    assert brief(alarms.heard(stands, 300_000)) == [("BhrIntakeWaits", True)]
    assert brief(alarms.heard(stands, 900_000)) == [("BhrIntakeBehind", True)]
    assert {raised for _, raised in brief(alarms.heard(taking_in(), 915_000))} == {False}


def test_what_a_process_measures_of_its_own_work_is_told_too() -> None:
    """Beside the signs of the hub, what it gives of its own is held to the rules."""
    sent: list[bytes] = []

    def tell(alarm: bytes) -> bool:
        sent.append(alarm)
        return True

    Alarming(signs, tell, lambda: 0, TELLER, also=lambda: taking_in(put_away=1)).step()
    [told] = [json.loads(one) for one in sent]
    assert (told["alarm"], told["of"]) == ("BhrIntakePutAway", {"ledger": "havering"})


def test_of_several_processes_none_clears_what_another_raised() -> None:
    """Two that take in measure the same ledger: whoever is told sees which of them says what."""
    standing: set[tuple[str, str, str, str]] = set()

    def tell(alarm: bytes) -> bool:
        told = json.loads(alarm)
        key = (told["process"], told["instance"], told["alarm"], told["of"]["ledger"])
        (standing.add if told["state"] == "raised" else standing.remove)(key)
        return True

    put_away = [1, 1]
    now_ms = 0

    def alarming(number: int) -> Alarming:
        teller = Teller("intake", f"hub-1:{9466 + number}")
        return Alarming(
            signs, tell, lambda: now_ms, teller, lambda: taking_in(put_away=put_away[number])
        )

    both = [alarming(number) for number in range(2)]
    for one in both:
        one.step()
    assert len(standing) == 2
    put_away[1], now_ms = 2, 3_600_000
    for one in both:
        one.step()
    assert standing == {("intake", "hub-1:9467", "BhrIntakePutAway", "havering")}


def test_an_alarm_is_told_until_it_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    """What was not taken is sent again, the same bytes, in order; and it stands in the log once."""
    sent: list[bytes] = []
    heard = False
    found = signs(behind=True)

    def tell(alarm: bytes) -> bool:
        sent.append(alarm)
        return heard

    alarming = Alarming(lambda: found, tell, lambda: 1_700_000_000_000, TELLER)
    alarming.step()
    alarming.step()
    assert len(set(sent)) == 1
    assert len(sent) == 2
    heard = True
    found = signs()
    alarming.step()
    assert [json.loads(one)["state"] for one in sent] == ["raised"] * 3 + ["cleared"]
    assert json.loads(sent[0]) == {
        "alarm": "BhrLedgerBehind",
        "at": "2023-11-14T22:13:20.000Z",
        "instance": "hub-1:9466",
        "of": {"ledger": "havering"},
        "process": "intake",
        "severity": "page",
        "state": "raised",
    }
    alarming.step()
    assert len(sent) == 4
    assert caplog.messages == [
        "alarm-raised alarm=BhrLedgerBehind ledger=havering",
        "alarm-cleared alarm=BhrLedgerBehind ledger=havering",
    ]


def test_what_waits_is_bounded() -> None:
    """Whoever never hears costs no memory without end; the newest are kept."""
    name = 0
    sent: list[bytes] = []

    def next_signs() -> VitalSigns:
        return signs(f"ledger-{name}", behind=True)

    def tell(alarm: bytes) -> bool:
        sent.append(alarm)
        return hears

    hears = False
    alarming = Alarming(next_signs, tell, lambda: 0, TELLER)
    for name in range(UNTOLD_MAX):  # noqa: B007 - what the closure reads
        alarming.step()
    hears, sent = True, []
    alarming.step()
    assert len(sent) == UNTOLD_MAX


def test_an_outage_is_waited_out() -> None:
    """Where signs cannot be read the watch goes on, and stops when told."""
    waits: list[float] = []

    def away() -> VitalSigns:
        raise Unavailable("the store")

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) == 3

    Alarming(away, lambda _: True, lambda: 0, TELLER).run(wait)
    assert waits == [EVERY_S] * 3
