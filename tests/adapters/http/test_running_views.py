"""Loads, access and feed health over HTTP: each body sees what concerns it."""

from __future__ import annotations

import pytest

from adapters.http.other_documents import AccessAnswer, Accessed, LoadRow, LoadsAnswer
from adapters.http.view_documents import FeedsAnswer
from domain.vocabulary.hub import AuditOpened, LedgerPosition
from services import accesses
from services.last_told import LastTold
from services.views import ToldRow
from tests.adapters.http.readers import read_as, reader, told_of, wait
from tests.http_rig import HttpRig
from tests.hub_rig import HAVERING, REDBRIDGE
from tests.rig_publisher import PURPOSE, Json, Publisher, inner, outcomes, token

# --- loads ----------------------------------------------------------------------------------------


def by_kind(answer: LoadsAnswer, day: str) -> dict[str, LoadRow]:
    """Give one day's rows."""
    return {row.kind: row for row in answer.rows if row.day == day}


def numbers(row: LoadRow) -> tuple[int | None, ...]:
    """Give published, corrected, withdrawn, refused and standing."""
    return row.published, row.corrected, row.withdrawn, row.refused, row.standing


def in_file(publisher: Publisher, kind: str, count: int) -> Json:
    """Give the figure of how many records of a kind the return for the year to March 2025 held."""
    figure = publisher.event("figure-reported", time="2024-03-31T23:00:00Z")
    data = inner(figure, "data")
    del data["subjects"]
    data["facts"] = {
        "area": "311",
        "measure": f"cin-in-file-{kind}",
        "numerator": count,
        "period_end": "2025-03-31",
        "period_start": "2024-04-01",
        "published_source": "CIN Census return",
    }
    return figure


def test_a_source_sees_what_became_of_each_of_its_loads(door: HttpRig) -> None:
    """Given two days of loads: new ones, then a correction, a withdrawal and a refusal."""
    havering = door.publisher
    first = told_of(havering, "referral-received", "2024-05-01", {"source_code": "2A"})
    second = told_of(havering, "referral-received", "2024-05-02", {})
    enquiry = told_of(havering, "section47-started", "2024-05-03", {"start_date": "2024-05-03"})
    havering.publish(first, second, enquiry)
    wait(door, hours=24)
    again = told_of(havering, "referral-received", "2024-05-01", {"source_code": "6"})
    again |= {"subject": first["subject"], "supersedes": first["id"]}
    taken_back = havering.event("record-withdrawn", supersedes=enquiry["id"])
    inner(taken_back, "data").update(facts={"reason": "wrong-file"}, subjects=[])
    figure = in_file(havering, "referrals", 3)
    refused = told_of(havering, "referral-received", "2099-05-03", {})
    told = outcomes(havering.publish(again, taken_back, figure, refused))
    assert ["position" in one for one in told] == [True, True, True, False], told
    door.project()
    answer = LoadsAnswer.model_validate_json(door.get("/v1/loads").content)
    assert {(row.source, row.participant) for row in answer.rows} == {(HAVERING, "havering")}
    before = {kind: numbers(row) for kind, row in by_kind(answer, "2025-06-15").items()}
    assert before == {
        "all": (3, 0, 0, 0, None),
        "children": (None, None, None, None, 3),
        "referrals": (2, 0, 0, None, 2),
        "assessments": (0, 0, 0, None, 0),
        "section-47s": (1, 0, 0, None, 1),
        "plans": (0, 0, 0, None, 0),
    }
    after = by_kind(answer, "2025-06-16")
    assert numbers(after["all"]) == (0, 1, 1, 1, None)
    assert numbers(after["referrals"]) == (0, 1, 0, None, 2)
    assert numbers(after["section-47s"]) == (0, 0, 1, None, 0)
    assert (after["referrals"].in_file, after["referrals"].in_file_year) == (3, "2025")
    assert after["plans"].in_file is None
    assert answer.rows[0].day == "2025-06-16"


def test_nobody_sees_another_borough_s_loads(door: HttpRig) -> None:
    """Redbridge sees its own; the partnership sees boroughs, their systems unnamed."""
    redbridge = door.rig.publisher(REDBRIDGE)
    door.publisher.publish(told_of(door.publisher, "referral-received", "2024-05-01", {}))
    redbridge.publish(told_of(redbridge, "referral-received", "2024-05-01", {}))
    door.project()
    theirs = LoadsAnswer.model_validate_json(read_as(door, reader(door, "redbridge"), "/v1/loads"))
    assert {row.source for row in theirs.rows} == {REDBRIDGE}
    assert set(theirs.positions) == {"redbridge"}
    assert door.get("/v1/loads", borough="redbridge").json()["rows"] == []
    together = LoadsAnswer.model_validate_json(read_as(door, reader(door, "bhr"), "/v1/loads"))
    assert {(row.participant, row.source) for row in together.rows} == {
        ("havering", None), ("redbridge", None)
    }  # fmt: skip


# --- access ---------------------------------------------------------------------------------------


def test_a_borough_sees_who_looked_at_its_own(door: HttpRig) -> None:
    """Given reads by three bodies: what was made from Havering's ledger, and no other body's."""
    redbridge, partnership = reader(door, "redbridge", "r-1"), reader(door, "bhr", "p-1")
    door.project()
    read_as(door, redbridge, "/v1/factors")
    read_as(door, redbridge, "/v1/loads")
    read_as(door, partnership, "/v1/loads", borough="havering")
    assert door.get("/v1/feeds").status_code == 200
    door.project()
    ours = AccessAnswer.model_validate_json(door.get("/v1/access", borough="havering").content)
    assert [(row.reader, row.view, row.participant) for row in ours.rows] == [
        ("person-1", "feeds", "havering"),
        ("p-1", "loads", "bhr"),
        ("r-1", "factors", "redbridge"),
    ]
    (row, *_) = ours.rows
    assert (row.office, row.purpose, row.right) == ("analyst", PURPOSE, "live")
    assert (row.agreement, row.kind, row.format) == ("bhr-themes@1", "read", "json")
    theirs = AccessAnswer.model_validate_json(read_as(door, redbridge, "/v1/access"))
    assert "p-1" not in {row.reader for row in theirs.rows}
    door.project()
    whole = AccessAnswer.model_validate_json(read_as(door, partnership, "/v1/access"))
    assert len(whole.rows) == 6


def test_a_fetched_part_is_seen_by_who_sent_it(door: HttpRig) -> None:
    """Given a sealed part that its recipient fetched: who, when, which event and part."""
    havering = door.publisher
    session = havering.session({"havering": havering.recipient_public})
    sealed = havering.sealed(session.seal)
    havering.publish(session.event, sealed)
    path = f"/v1/parts/havering/{sealed['id']}/2"
    assert door.get(path).status_code == 200
    door.project()
    (row,) = AccessAnswer.model_validate_json(door.get("/v1/access").content).rows
    assert (row.kind, row.event, row.part, row.ledger) == ("fetch", sealed["id"], 2, "havering")
    assert (row.view, row.office, row.right) == (None, None, None)


def test_openings_are_seen_by_whose_ledger_they_are_of(door: HttpRig) -> None:
    """Given openings of Havering's ledger: Havering sees auditor, parts and warrant; others not."""
    warrant = "01890000-0000-7000-8000-000000000007"
    facts = AuditOpened.Facts(
        auditor="internal-audit",
        ledger="havering",
        parts=120,
        positions=(LedgerPosition(ledger="havering", position=1),),
        warrant=warrant,
    )
    door.rig.hub_events.append("havering", door.rig.hub_events.made(AuditOpened, facts))
    door.project()
    (row,) = AccessAnswer.model_validate_json(door.get("/v1/access").content).rows
    assert (row.kind, row.reader, row.opened) == ("openings", "internal-audit", 120)
    assert (row.warrant, row.participant, row.made_from) == (warrant, None, ("havering",))
    redbridge = reader(door, "redbridge", "r-1")
    theirs = AccessAnswer.model_validate_json(read_as(door, redbridge, "/v1/access"))
    assert "openings" not in {one.kind for one in theirs.rows}


def test_access_is_read_a_page_at_a_time(door: HttpRig) -> None:
    """The newest first; `next` leads on to the last page, which has none."""
    door.project()
    for _ in range(3):
        door.get("/v1/feeds")
    door.project()
    first = AccessAnswer.model_validate_json(door.get("/v1/access", limit="2").content)
    assert (len(first.rows), first.next is not None) == (2, True)
    second = AccessAnswer.model_validate_json(
        door.get("/v1/access", limit="2", before=str(first.next)).content
    )
    assert (len(second.rows), second.next) == (1, None)
    positions = [row.position for row in (*first.rows, *second.rows)]
    assert positions == sorted(positions, reverse=True)


def test_a_page_reads_no_more_than_it_shows(door: HttpRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two ledgers the ends alone are read; all pages together are what there is, in order."""
    monkeypatch.setattr(accesses, "READ_AT_ONCE", 2)
    havering = door.publisher
    session = havering.session({"havering": havering.recipient_public})
    sealed = havering.sealed(session.seal)
    havering.publish(session.event, sealed)
    for _ in range(12):
        assert door.get(f"/v1/parts/havering/{sealed['id']}/2").status_code == 200
        assert door.get("/v1/feeds").status_code == 200
        door.rig.clock.at_ms += 1000
    door.project()
    every = AccessAnswer.model_validate_json(door.get("/v1/access").content).rows
    read: list[int] = []
    asked = door.views.last_told

    def counted(last: LastTold) -> list[ToldRow]:
        rows = asked(last)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(door.views, "last_told", counted)
    pages: list[Accessed] = []
    before: dict[str, str] = {}
    most = 0
    while True:
        read.clear()
        content = door.get("/v1/access", limit="2", **before).content
        page = AccessAnswer.model_validate_json(content)
        most = max(most, sum(read))
        pages += page.rows
        if page.next is None:
            break
        before = {"before": page.next}
    assert tuple(pages) == every
    assert {row.ledger for row in pages} == {"bhr", "havering"}
    assert len(pages) == 24
    assert most <= 8  # of each of the two, twice as many as are read at once


# --- feed health ----------------------------------------------------------------------------------


def test_a_feed_without_a_sign_of_life_for_too_long_is_quiet(door: HttpRig) -> None:
    """Its age is by the hub's clock when it is read; quiet is what its registered rhythm says."""
    havering = door.publisher
    canary = havering.event("canary", purpose=PURPOSE, time="2025-06-15T15:00:00Z")
    canary["data"] = {
        "facts": {"beat": 1, "sent_at": "2025-06-15T15:00:00Z"},
        "salts": {"facts": token(), "header": token()},
    }
    havering.publish(canary)
    door.project()
    found = []
    for _ in range(2):
        answer = FeedsAnswer.model_validate_json(door.get("/v1/feeds").content)
        (feed,) = (row for row in answer.rows if row.source == HAVERING)
        found.append((feed.canary_age_s, feed.quiet, feed.rhythm_hours))
        wait(door, hours=25)
    assert found == [(0, False, 24), (25 * 60 * 60, True, 24)]
