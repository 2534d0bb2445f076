"""From a publisher's event to a receipt that three boroughs cosigned, and what an auditor finds."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.assembly.evidence import Held
from adapters.assembly.openers import Asked
from adapters.assembly.verifying import Outcome
from adapters.assembly.verifying import verify as verified
from domain.record import Attestation, attestation_of
from services.audit.verifying import report
from tests.journeys.hands import HANDS, Hand, two_views
from tests.journeys.proven import Proven, copy_of, findings, proven_in, steps
from tests.journeys.witnesses import LEDGERS
from tests.verifying_rig import tampering


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proven]:
    """Give what was published and proven once; whoever changes it takes a copy."""
    with proven_in(tmp_path_factory.mktemp("proof") / "stage") as made:
        yield made


def test_a_publisher_proves_its_event_without_the_hub(proven: Proven) -> None:
    """`bhr receipt verify` needs the receipt, the policy, and the publisher's public keys."""
    keys = proven.stage.home("havering").public_keys
    words = ("--policy", proven.witnesses.policy, "--keys", keys)
    ended = proven.auditor.run("receipt", "verify", proven.receipt, *words)
    assert ended.status == 0, ended.said()
    assert "DOES NOT HOLD" not in ended.out
    assert "not checked" not in ended.out
    assert str(proven.event) in ended.out
    assert ended.out.count("seen       by") >= 2


def test_answers_and_status_say_what_is_witnessed(proven: Proven) -> None:
    """Figures on covered entries say so; and by the policy, so does the newest checkpoint."""
    positions = proven.answer["positions"]
    assert isinstance(positions, dict)
    assert positions["havering"]
    policy = {"BHR_WITNESS_POLICY": str(proven.witnesses.policy)}
    ended = proven.stage.hub.run("ledger", "status", **policy)
    assert ended.status == 0, ended.said()
    assert ended.out.count(" published, witnessed\n") == len({"bhr", "havering"})
    ended = proven.stage.hub.run("ledger", "status")
    assert ended.out.count(" published, unwitnessed\n") == len({"bhr", "havering"})


def test_a_receipt_for_something_else_does_not_hold(proven: Proven, tmp_path: Path) -> None:
    """A receipt that names another event ends with status 1."""
    document = json.loads(proven.receipt.read_bytes())
    document["event"] = str(uuid.UUID(int=proven.event.int ^ 1))
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document), encoding="utf-8")
    ended = proven.auditor.run("receipt", "verify", other, "--policy", proven.witnesses.policy)
    assert ended.status == 1
    assert "of-another-event" in ended.out
    assert " in havering, position " in ended.out


def test_a_borough_hears_how_far_it_has_counted(proven: Proven) -> None:
    """`bhr borough go-on` asks the served hub; the store that is not lost loses no number."""
    assert proven.went_on.status == 0, proven.went_on.said()
    assert re.search(r"goes on with number [1-9][0-9]\n", proven.went_on.out)
    assert "the hub has no number that this store did not give out" in proven.went_on.out


def test_everything_holds_from_leaf_to_view(proven: Proven) -> None:
    """By the hub's keys every step is ok, but that of publishers, who were not asked."""
    ended = proven.verify()
    assert ended.status == 0, ended.said()
    found = steps(ended)
    assert {number for number, one in found.items() if one["state"] != "ok"} == {
        report.PUBLISHERS
    }, ended.out
    for number in (report.QUORUM, report.WITNESSES, report.TIMES, report.VIEWS):
        assert found[number]["looked_at"], number


def test_the_hub_is_held_to_its_answers(proven: Proven, tmp_path: Path) -> None:
    """What a publisher was promised stands; and one that was dropped since is named."""
    answers = tmp_path / "answers.jsonl"
    borough = proven.stage.machine("havering")
    made = borough.run("outbox", "answers", "--borough", "havering", "--out", answers)
    assert made.status == 0, made.said()
    words = ("--acknowledgements", answers, "--trust", proven.stage.home("havering").trust)
    found = steps(proven.verify(*words))[report.PUBLISHERS]
    assert (found["state"], found["looked_at"]) == ("ok", len(answers.read_bytes().splitlines()))
    home = copy_of(proven, tmp_path)
    with tampering(home / "ledgers" / "havering.sqlite") as ledger:
        rows = ledger.execute("SELECT rowid - 1, state FROM record ORDER BY rowid")
        *_, last = (at for at, raw in rows if attestation_of(raw) == Attestation.SIGNED)
        ledger.execute("DELETE FROM record WHERE rowid = ?", (last + 1,))
    ended = proven.verify(*words, home=home)
    assert ended.status == 1
    assert ("havering", last, "acknowledged-and-not-recorded") in findings(ended)


def test_a_pack_is_verified_by_nothing_but_itself_and_the_policy(
    proven: Proven, tmp_path: Path
) -> None:
    """Without a key the proofs hold, and what is sealed is "not checked", never "ok"."""
    pack = tmp_path / "pack"
    made = proven.stage.hub.run("audit", "export", pack, "--policy", proven.witnesses.policy)
    assert made.status == 0, made.said()
    ended = proven.verify("--pack", pack)
    assert ended.status == 0, ended.said()
    found = steps(ended)
    for number in (report.LEAVES, report.TILES, report.ROOT, report.SIGNATURES, report.QUORUM,
                   report.WITNESSES, report.KEPT, report.TIMES):  # fmt: skip
        assert (number, found[number]["state"]) == (number, "ok")
    for number in (report.OPENINGS, report.MISSING, report.DECISIONS, report.VIEWS):
        assert (number, found[number]["state"]) == (number, "not-checked")
    assert not list(pack.rglob("*.sqlite"))
    answers = tmp_path / "answers.jsonl"
    borough = proven.stage.machine("havering")
    borough.run("outbox", "answers", "--borough", "havering", "--out", answers)
    said = ("--acknowledgements", answers, "--trust", proven.stage.home("havering").trust)
    (document, *_) = sorted(pack.glob("bhr/reference/*.json"))
    document.write_bytes(document.read_bytes().replace(b'"kind"', b'"Kind"'))
    ended = proven.verify("--pack", pack, *said)
    assert ended.status == 1
    ((ledger, position, code),) = findings(ended)
    assert (ledger, code) == ("bhr", "reference-document-differs")
    assert position >= 0
    # The hub's key is in a document, so its word is held to it where nothing else opens.
    assert steps(ended)[report.PUBLISHERS]["state"] == "ok"


def test_a_certificate_says_it_in_plain_words(proven: Proven, tmp_path: Path) -> None:
    """One page, for an inspector: the verdict first."""
    page = tmp_path / "certificate.txt"
    ended = proven.verify("--certify", page)
    assert ended.status == 0, ended.said()
    text = page.read_text(encoding="utf-8")
    assert "Nothing was found to be wrong." in text
    assert len(text.splitlines()) < 60
    for ledger in LEDGERS:
        assert ledger in text


@pytest.mark.parametrize("hand", HANDS, ids=lambda one: one.name)
def test_whatever_is_done_by_hand_is_named(proven: Proven, tmp_path: Path, hand: Hand) -> None:
    """Who owns the files, the keys and the process changes nothing unseen: ledger and position."""
    home = copy_of(proven, tmp_path)
    named = hand.do(proven, home)
    ended = proven.verify(home=home)
    assert ended.status == 1, ended.said()
    assert named in findings(ended)


def test_two_views_of_one_ledger_are_told_apart(proven: Proven, tmp_path: Path) -> None:
    """Each auditor's copy is whole by itself; what the witnesses saw last is in one of them."""
    home = copy_of(proven, tmp_path)
    named = two_views(proven, home)
    alone = proven.verify("--no-ask-witnesses", home=home)
    assert (alone.status, findings(alone)) == (0, set()), alone.said()
    ended = proven.verify(home=home)
    assert ended.status == 1, ended.said()
    assert named in findings(ended)


def test_two_processes_report_what_one_does(proven: Proven, tmp_path: Path) -> None:
    """However a verification is split, it looks at as much and finds the same at the same place."""
    home = copy_of(proven, tmp_path)
    with tampering(home / "ledgers" / "havering.sqlite") as ledger:
        (state,) = ledger.execute("SELECT state FROM record WHERE rowid = 5").fetchone()
        ledger.execute("UPDATE record SET state = ? WHERE rowid = 5", (state[:-1] + b"!",))
    untouched = in_so_many(proven, proven.stage.hub_home.folder, 2)
    assert untouched == in_so_many(proven, proven.stage.hub_home.folder, 1)
    assert untouched.report.steps[report.VIEWS - 1].state == "ok"
    tampered = in_so_many(proven, home, 2)
    assert tampered == in_so_many(proven, home, 1)
    found = {(one.step, one.position) for one in tampered.report.findings}
    assert {(report.LEAVES, 4), (report.OPENINGS, 4)} <= found


def in_so_many(proven: Proven, home: Path, processes: int) -> Outcome:
    """Verify a home in so many processes, as far as the policy and its keys go."""
    policy, passphrase = proven.witnesses.policy, proven.stage.hub.passphrase
    held = Held(home=home)
    asked = Asked(held, policy, passphrase, witnesses=False, processes=processes)
    return verified(asked, silent)


def silent(ledger: str, done: int, size: int) -> None:
    """Show nobody how far it is."""


def test_a_body_that_an_auditor_does_not_believe_has_signed_nothing(
    proven: Proven, tmp_path: Path
) -> None:
    """An agreement that nobody signed with a body's key is named at its position."""
    with proven.stage.rooms() as rooms:
        trust = proven.stage.hub_home.trust
        assert rooms.hub.registry.signed_agreements("bhr-themes@1")
    home = copy_of(proven, tmp_path)
    believed = json.loads(trust.read_bytes())
    believed["vouched"] = [
        one
        for one in believed["vouched"]
        if (one["participant"], one["purpose"]) != ("redbridge", "deciding")
    ]
    mine = tmp_path / "trust.json"
    mine.touch(mode=0o600)
    mine.write_text(json.dumps(believed), encoding="utf-8")
    ended = proven.verify("--trust", mine, home=home)
    assert ended.status == 1
    codes = {(ledger, code) for ledger, _, code in findings(ended)}
    assert ("bhr", "deciding-key-not-trusted") in codes
