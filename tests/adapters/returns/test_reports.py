"""A report as JSON and CSV, and the findings that it is made from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from adapters.returns.cin_child import Fault, FaultCode, Kind, Place
from adapters.returns.reports import (
    CSV_COLUMNS,
    Delivery,
    Events,
    GoneEpisode,
    Outcome,
    Refusal,
    Report,
    Row,
    as_csv,
    as_json,
    total,
)
from adapters.returns.reports_findings import Finding, Findings, finding_of

NOTED = Finding(child=1, line=3, place="Child[1]", code="missing", severity="noted")
REFUSED = Finding(
    child=2, line=9, place="Child[2]/UPN", field="UPN", code="not-a-upn", severity="refused"
)


@pytest.fixture
def findings() -> Iterator[Findings]:
    """Give findings with one of each severity."""
    found = Findings()
    found.add([NOTED, REFUSED], left_out=3)
    yield found
    found.close()


def report_of(findings: Findings, delivery: Delivery | None = None) -> Report:
    """Give a small report that names a child where it may."""
    return Report(
        Outcome.IN_PART,
        findings,
        rows=(Row("referral", 5, 4, Events(told=4, new=3)), Row("factor", 2, 2)),
        refusals=(Refusal("missing", 1, "LEA"),),
        delivery=delivery,
        ids={1: "SECRET-1"},
        gone=(GoneEpisode("referral-received", "SECRET-2", "2022-05-02"),),
    )


def test_findings_come_back_as_they_were(findings: Findings) -> None:
    """Findings are read back in their order, as often as is wanted, also after more were added."""
    assert list(findings) == list(findings) == [NOTED, REFUSED]
    findings.add([NOTED])
    assert list(findings) == [NOTED, REFUSED, NOTED]
    assert (findings.refused, findings.left_out) == (1, 3)


def test_findings_are_tallied(findings: Findings) -> None:
    """What refuses comes first, then the commonest."""
    findings.add([NOTED])
    assert findings.tally() == [("not-a-upn", "refused", 1), ("missing", "noted", 2)]


def test_a_fault_becomes_a_finding() -> None:
    """What the reader found keeps its code, place, and what falls with it."""
    fault = Fault(
        FaultCode.MISSING,
        "refused",
        Place("Child[4]/CINdetails[1]", 12),
        4,
        field="CINreferralDate",
        refuses=Kind.REFERRAL,
        count=2,
    )
    assert finding_of(fault) == Finding(
        child=4,
        line=12,
        place="Child[4]/CINdetails[1]",
        field="CINreferralDate",
        code="missing",
        severity="refused",
        refuses="referral",
        count=2,
    )


def test_json_has_everything_but_ids(findings: Findings) -> None:
    """The JSON parses, holds counts, codes and findings, and no child's id."""
    text = "".join(as_json(report_of(findings)))
    document = json.loads(text)
    assert document["outcome"] == "in-part"
    assert document["refusals"] == [{"code": "missing", "field": "LEA", "line": 1}]
    assert document["counts"][0] == {
        "kind": "referral",
        "in_file": 5,
        "understood": 4,
        "refused": 1,
        "told": 4,
        "refused_here": 0,
    }
    assert document["counts"][1] == {"kind": "factor", "in_file": 2, "understood": 2, "refused": 0}
    assert [each["child"] for each in document["findings"]] == [1, 2]
    assert document["delivery"] is None
    assert document["findings_left_out"] == 3
    assert "SECRET" not in text


def test_json_without_findings_parses() -> None:
    """A report of a return without a fault is a document too."""
    nothing = Findings()
    assert json.loads("".join(as_json(Report(Outcome.UNDERSTOOD, nothing))))["findings"] == []
    nothing.close()


def test_what_was_sent_is_in_both(findings: Findings) -> None:
    """After publishing, the counts of events are all there, and how it was delivered."""
    sent = report_of(findings, Delivery(submissions=("s1",), recorded=4, hub_codes={"x": 1}))
    document = json.loads("".join(as_json(sent)))
    assert document["counts"][0]["new"] == 3
    assert document["delivery"]["submissions"] == ["s1"]
    rows = list(csv.DictReader(io.StringIO("".join(as_csv(sent)))))
    assert [each["new"] for each in rows if each["row"] == "count"] == ["3", ""]


def test_csv_is_one_table_without_ids(findings: Findings) -> None:
    """Counts and findings are told apart by their first column, and no child's id is there."""
    text = "".join(as_csv(report_of(findings)))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [each["row"] for each in rows] == ["refusal", "count", "count", "finding", "finding"]
    assert (rows[1]["in_file"], rows[1]["refused"], rows[1]["new"]) == ("5", "1", "")
    assert (rows[4]["child"], rows[4]["place"], rows[4]["code"]) == (
        "2",
        "Child[2]/UPN",
        "not-a-upn",
    )
    assert "SECRET" not in text


def test_events_add_up() -> None:
    """The events of two kinds that stand for one record are counted together."""
    both = total([Events(told=1, new=1), Events(told=2, gone_due=4)])
    assert both == Events(told=3, new=1, gone_due=4)
