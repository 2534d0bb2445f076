"""Theme history and cross-borough children over HTTP."""

from __future__ import annotations

import pytest

from adapters.http.other_documents import CrossBoroughAnswer, HistoryAnswer, HistoryRow, Pair
from domain.values import to_text
from domain.vocabulary.hub import ViewRead
from services.borough.linkage import LinkageKey, tokens
from tests.adapters.http.readers import told_of, wait
from tests.http_rig import HttpRig, problem_in
from tests.hub_rig import REDBRIDGE
from tests.rig_publisher import Json, Publisher, inner, subjects

PATH = "/v1/history/knife-crime-and-gangs"
YEARS = {"period": "year-to-march"}
FIRST_DAY = "2025-06-15"


def assessed(publisher: Publisher, *factors: str, **changes: str) -> Json:
    """Give an assessment of one child in the year to March 2025."""
    facts = {"authorisation_date": "2024-05-01"}
    event = told_of(publisher, "assessment-completed", "2024-05-01", facts, factors=[*factors])
    return {**event, **changes}


def taken_back(publisher: Publisher, event: Json) -> Json:
    """Give the withdrawal of an event."""
    withdrawal = publisher.event("record-withdrawn", supersedes=event["id"])
    inner(withdrawal, "data").update(facts={"reason": "wrong-file"}, subjects=[])
    return withdrawal


def gangs(answer: HistoryAnswer) -> HistoryRow:
    """Give Havering's row of factor 13A in that year."""
    (row,) = (
        row
        for row in answer.rows
        if (row.measure, row.borough, row.period) == ("factor-13a", "havering", "2025")
    )
    return row


@pytest.fixture
def changed(door: HttpRig) -> HttpRig:
    """Give a hub whose numbers of the first day were changed on the next, in every way."""
    havering = door.publisher
    first, second, third = (assessed(havering, "13A") for _ in range(3))
    havering.publish(first, second, third, assessed(havering, "3B"))
    wait(door, hours=24)
    again = assessed(havering, "3B", subject=str(first["subject"]), supersedes=str(first["id"]))
    havering.publish(again, taken_back(havering, second), assessed(havering, "13A"))
    door.project()
    return door


def test_a_number_is_given_then_and_now_with_why(changed: HttpRig) -> None:
    """Given a correction, a withdrawal and what came late: each is counted under its cause."""
    answer = HistoryAnswer.model_validate_json(changed.get(PATH, before=FIRST_DAY, **YEARS).content)
    row = gangs(answer)
    assert row.then is not None
    assert row.now is not None
    assert (row.then.numerator, row.then.denominator) == (3, 4)
    assert (row.now.numerator, row.now.denominator, row.difference) == (2, 4, -1)
    assert {(one.cause, one.gained, one.lost) for one in row.why} == {
        ("corrected", 0, 1), ("recorded", 1, 0), ("withdrawn", 0, 1)
    }  # fmt: skip
    assert (answer.positions_before["havering"], answer.positions["havering"]) == (4, 7)
    assert answer.filters.before == FIRST_DAY
    assert not answer.mappings.changed


def test_nothing_moves_between_one_time_and_itself(changed: HttpRig) -> None:
    """As of one day and the same day: the same numbers, and no causes."""
    answer = HistoryAnswer.model_validate_json(
        changed.get(PATH, before=FIRST_DAY, after=FIRST_DAY, **YEARS).content
    )
    assert gangs(answer).difference == 0
    assert {row.why for row in answer.rows} == {()}
    assert answer.positions == answer.positions_before


def test_what_happened_later_is_left_out(changed: HttpRig) -> None:
    """Up to a day before anything happened there is no number, then or now."""
    answer = changed.get(PATH, before=FIRST_DAY, occurred_to="2024-04-30", **YEARS).json()
    assert [row for row in answer["rows"] if row["measure"] == "factor-13a" and row["why"]] == []


def test_times_are_in_their_order(changed: HttpRig) -> None:
    """A first time that is the later one is refused, and no read is recorded."""
    sizes = changed.rig.sizes()
    response = changed.get(PATH, before="2025-06-16", after=FIRST_DAY)
    problem_in(response, 422, "before-is-later")
    assert changed.rig.sizes() == sizes


def test_history_and_its_theme_are_each_a_view_to_be_allowed(changed: HttpRig) -> None:
    """A theme that is none is not answered; the read names the history."""
    response = changed.get("/v1/history/unheard-of", before=FIRST_DAY)
    problem_in(response, 403, "agreement-does-not-cover")
    assert changed.get(PATH, before=FIRST_DAY).status_code == 200
    read = changed.rig.partnership.opened()[-1].facts
    assert isinstance(read, ViewRead.Facts)
    assert (read.view, read.filters is not None) == ("history", True)


# --- cross-borough children -----------------------------------------------------------------------


def with_token(event: Json, number: str, key: LinkageKey) -> Json:
    """Give an event whose child carries the token of a pupil number."""
    subjects(event)[0]["linkage"] = [one.model_dump() for one in tokens([("upn", number)], [key])]
    return event


def known_to_both(door: HttpRig, first: LinkageKey, second: LinkageKey) -> CrossBoroughAnswer:
    """Have two boroughs tell of one child, and Havering of another one; give who is shared."""
    redbridge = door.rig.publisher(REDBRIDGE)
    havering = door.publisher
    havering.publish(
        with_token(assessed(havering, "13A"), "A123456789012", first), assessed(havering, "11A")
    )
    redbridge.publish(with_token(assessed(redbridge, "3B"), "A123456789012", second))
    door.project()
    return CrossBoroughAnswer.model_validate_json(door.get("/v1/cross-borough").content)


def pair(answer: CrossBoroughAnswer, theme: str) -> Pair:
    """Give Havering and Redbridge in a theme."""
    (found,) = (
        row
        for row in answer.rows
        if (row.first, row.second, row.theme) == ("havering", "redbridge", theme)
    )
    return found


def test_a_child_of_two_boroughs_is_counted_once_a_pair(door: HttpRig) -> None:
    """In a theme in either, or in both; with whom that can reach, and that it is a lower bound."""
    key = LinkageKey.of(bytes(32))
    answer = known_to_both(door, key, key)
    found = {one: pair(answer, one) for one in ("knife-crime-and-gangs", "thresholds", "any")}
    assert {name: (one.either, one.both) for name, one in found.items()} == {
        "any": (1, 1), "knife-crime-and-gangs": (1, 0), "thresholds": (1, 1)
    }  # fmt: skip
    coverage = {one.borough: one for one in answer.coverage}
    assert (coverage["havering"].children, coverage["havering"].linkable) == (2, 1)
    assert (coverage["havering"].age_band, coverage["havering"].share) == ("5-9", "50.0")
    assert "lower bound" in answer.lower_bound
    assert "under-fives mostly do not link" in answer.lower_bound


def test_under_different_linkage_keys_nobody_is_met(door: HttpRig) -> None:
    """The same pupil number under two keys is two tokens: the keys must match, and it says so."""
    answer = known_to_both(door, LinkageKey.of(bytes(32)), LinkageKey.of(bytes([1]) * 32))
    assert pair(answer, "any").either == 0
    assert "same linkage key" in answer.keys
    assert to_text(bytes(32)) not in answer.model_dump_json()


def test_a_pair_without_tokens_on_both_sides_has_no_number(door: HttpRig) -> None:
    """Nobody met twice is no zero where one of the two sent no token, and it is said of whom."""
    answer = known_to_both(door, LinkageKey.of(bytes(32)), LinkageKey.of(bytes(32)))
    assert {(row.first, row.second) for row in answer.rows} == {("havering", "redbridge")}
    assert answer.without_tokens == ("barking-and-dagenham",)
    filtered = door.get("/v1/cross-borough", borough="barking-and-dagenham").json()
    assert filtered["rows"] == []


def test_where_nobody_sent_a_token_there_is_no_number(door: HttpRig) -> None:
    """Two boroughs that tell of children, none of them with a token: no pair, rather than 0."""
    redbridge = door.rig.publisher(REDBRIDGE)
    door.publisher.publish(assessed(door.publisher, "13A"))
    redbridge.publish(assessed(redbridge, "13A"))
    door.project()
    answer = CrossBoroughAnswer.model_validate_json(door.get("/v1/cross-borough").content)
    assert answer.rows == ()
    assert set(answer.without_tokens) == {"barking-and-dagenham", "havering", "redbridge"}


@pytest.mark.parametrize("path", ["/v1/cross-borough", "/v1/indicators", PATH])
def test_a_time_yet_to_come_is_now(door: HttpRig, path: str) -> None:
    """As of next year: what is folded, though an entry that came since is not folded yet."""
    door.project()
    door.publisher.publish(assessed(door.publisher, "13A"))
    query = {"before": "2026-01-01"} if path == PATH else {"as_of": "2026-01-01"}
    answer = door.get(path, **query)
    assert answer.status_code == 200
    assert answer.json()["positions"]["havering"] == 0
