"""From a publisher's event to a receipt that three boroughs cosigned, and what an auditor finds."""

from __future__ import annotations

import json
import shutil
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.assembly.evidence import Held
from adapters.assembly.openers import Asked
from adapters.assembly.verifying import Outcome
from adapters.assembly.verifying import verify as verified
from domain.canonical import JsonValue
from domain.errors import NotFound
from services.audit.verifying import report
from tests.journeys.machines import Ended, Machine, listens, wait_until
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import Stage, set_stage
from tests.journeys.witnesses import LEDGERS, Witnesses, witnessed
from tests.verifying_rig import tampering


@dataclass
class Proven:
    """A hub that was served beside three witnesses, a receipt, and an auditor's machine."""

    stage: Stage
    witnesses: Witnesses
    event: uuid.UUID
    receipt: Path
    auditor: Machine
    answer: Mapping[str, JsonValue]

    def verify(self, *words: object, home: Path | None = None) -> Ended:
        """Verify as an auditor: a copy of the hub's home unless another is named."""
        where = () if "--pack" in words else ("--home", home or self.stage.hub_home.folder)
        return self.auditor.run(
            "audit", "verify", *where, "--policy", self.witnesses.policy, "--json", *words,
            BHR_PASSPHRASE=self.stage.hub.passphrase,
        )  # fmt: skip


def steps(ended: Ended) -> dict[int, dict[str, object]]:
    """Give the steps of a report by their numbers."""
    return {one["number"]: one for one in json.loads(ended.out)["steps"]}


def findings(ended: Ended) -> set[tuple[str, int, str]]:
    """Give ledger, position and code of everything that was found."""
    found = [one for step in json.loads(ended.out)["steps"] for one in step["findings"]]
    return {(one["ledger"], one["position"], one["code"]) for one in found}


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proven]:
    """Publish through the real doors, with every borough's witness at work, and fetch a receipt."""
    stage = set_stage(tmp_path_factory.mktemp("proof") / "stage")
    with witnessed(stage) as witnesses:
        hub = stage.hub.start(
            "serve", "--port", stage.port, BHR_WITNESS_POLICY=str(witnesses.policy)
        )
        wait_until(lambda: listens(stage.port), "the hub listens")
        event = publish(stage, [Told(number) for number in range(12)])
        receipt = stage.folder / "receipt.json"
        receipt.write_bytes(fetched(stage, event))
        fetched(stage, publish(stage, [Told(number) for number in range(12, 20)]))
        answer = witnessed_answer(stage)
        assert hub.stop() == 0, hub.said()
        yield Proven(
            stage, witnesses, event, receipt, Machine(stage.folder / "auditor", ""), answer
        )


def witnessed_answer(stage: Stage) -> Mapping[str, JsonValue]:
    """Read the factors until all that they stand on is witnessed; gives that answer."""
    found: list[Mapping[str, JsonValue]] = []

    def seen() -> bool:
        found[:] = [stage.read_folded("factors")]
        return found[0]["proof"] == "witnessed"

    wait_until(seen, "the answer is witnessed")
    return found[0]


def publish(stage: Stage, facts: list[Told]) -> uuid.UUID:
    """Publish what Havering's system knows; gives the last event that was recorded."""
    with stage.client("havering") as client:
        client.publish(drafts_of(facts))
        assert client.send().left == 0
    with closing(sqlite3.connect(stage.home("havering").store)) as store:
        row = store.execute(
            "SELECT event FROM published WHERE state = 'recorded' ORDER BY number DESC LIMIT 1"
        )
        return uuid.UUID(bytes=row.fetchone()[0])


def fetched(stage: Stage, event: uuid.UUID) -> bytes:
    """Fetch a receipt, once a checkpoint with a quorum covers the event."""
    found: list[bytes] = []

    def there() -> bool:
        with stage.client("havering") as client:
            try:
                found[:] = [client.receipt(event)]
            except NotFound:
                return False
        return True

    wait_until(there, "the receipt is there")
    return found[0]


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
        (size,) = ledger.execute("SELECT size FROM head").fetchone()
        ledger.execute("DELETE FROM record WHERE rowid = ?", (size - 1,))
    ended = proven.verify(*words, home=home)
    assert ended.status == 1
    assert ("havering", size - 2, "acknowledged-and-not-recorded") in findings(ended)


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


def copy_of(proven: Proven, tmp_path: Path) -> Path:
    """Copy the hub's home, closed as it is."""
    return Path(shutil.copytree(proven.stage.hub_home.folder, tmp_path / "hub"))


def test_a_truncated_ledger_is_found_by_what_the_witnesses_remember(
    proven: Proven, tmp_path: Path
) -> None:
    """Who takes the tail away with everything that was signed of it is told on by the witnesses."""
    home = copy_of(proven, tmp_path)
    with tampering(home / "ledgers" / "havering.sqlite") as ledger:
        (size,) = ledger.execute("SELECT min(size) FROM checkpoint").fetchone()
        ledger.execute("DELETE FROM record WHERE rowid > ?", (size,))
        ledger.execute("UPDATE head SET size = ?", (size,))
        for table in ("published", "cosignature", "checkpoint"):
            ledger.execute(f"DELETE FROM {table} WHERE size > ?", (size,))  # noqa: S608 - our own names
    ended = proven.verify(home=home)
    assert ended.status == 1
    assert ("havering", size, "witness-saw-more") in findings(ended)


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


def test_an_approval_that_the_operator_made_up_is_found(proven: Proven, tmp_path: Path) -> None:
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
