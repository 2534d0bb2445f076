"""An auditor with a copy of the ledgers and openings packs, and without a key, replays the same."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.values import to_text
from tests.journeys.machines import Ended, Machine
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import AUTHORITIES, Stage, set_stage
from tests.journeys.warrants import ALL_DAYS, IN_FORCE, granted, make, signed

LEDGERS = (*AUTHORITIES, "bhr")


@dataclass(frozen=True, slots=True)
class Audited:
    """A hub, the packs that it made, and an auditor's machine with a copy of its ledgers."""

    stage: Stage
    packs: Mapping[str, Path]
    auditor: Machine

    def replays(self, *words: object, **packs: Path) -> Ended:
        """Replay at the auditor's; `packs` stand in place of those of the same name."""
        files = {name.replace("-", "_"): path for name, path in self.packs.items()} | packs
        given = [word for path in files.values() for word in ("--openings", path)]
        home = self.auditor.folder / "copy"
        return self.auditor.run("audit", "replay", "--home", home, *given, *words)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    """Give packs of every ledger, of before the ledgers were copied."""
    folder = tmp_path_factory.mktemp("openings")
    stage = set_stage(folder / "stage")
    running = stage.start_hub()
    publish(stage, [Told(number) for number in range(10)])
    publish(stage, [Told(number, version=1) for number in range(6)])
    packs = {name: folder / f"{name}.jsonl" for name in LEDGERS}
    packs["bhr"] = folder / "bhr.jsonl.gz"
    stage.read_folded("factors")
    for name, path in packs.items():
        made = make(stage, name, granted(stage, name), path)
        assert made.status == 0, made.said()
    auditor = Machine(folder / "auditor", "")
    shutil.copytree(stage.hub_home.ledgers, auditor.folder / "copy" / "ledgers")
    yield Audited(stage, packs, auditor)
    running.kill()


def publish(stage: Stage, facts: list[Told]) -> None:
    """Publish what Havering's system knows now."""
    with stage.client("havering") as client:
        client.publish(drafts_of(facts))
        sent = client.send()
    assert (sent.refused, sent.left) == (0, 0), sent.codes


def test_the_same_tables_without_a_key(audited: Audited) -> None:
    """One command gives the theme tables that the hub's own keys give, from ledgers and packs."""
    sizes = json.loads((found := audited.replays("--json")).out)["positions"]
    assert found.status == 0, found.said()
    positions = ",".join(f"{ledger}={size}" for ledger, size in sizes.items())
    by_keys = audited.stage.hub.run("audit", "replay", "--json", "--positions", positions)
    assert by_keys.status == 0, by_keys.said()
    theirs, ours = json.loads(by_keys.out)["views"], json.loads(found.out)["views"]
    assert any(row["numerator"] for row in theirs["pre-birth-and-neglect"]["rows"])
    for view, answer in theirs.items():
        assert ours[view]["rows"] == answer["rows"], view
        assert ours[view]["feeds"] == answer["feeds"], view
        assert ours[view]["mapping"] == answer["mapping"], view
    assert not [path for path in audited.auditor.folder.rglob("*") if "key" in path.name]


def test_verifying_with_packs_compares_no_views_and_says_so(audited: Audited) -> None:
    """What opens is checked; views are in no pack, so that step is "not checked", never "ok"."""
    given = [word for path in audited.packs.values() for word in ("--openings", path)]
    home = audited.auditor.folder / "copy"
    trust = audited.stage.hub_home.trust
    ended = audited.auditor.run(
        "audit", "verify", "--home", home, *given, "--trust", trust, "--json"
    )
    steps = {one["number"]: one for one in json.loads(ended.out)["steps"]}
    assert [steps[one]["state"] for one in (11, 12, 13)] == ["ok", "ok", "not-checked"]
    assert "with the hub's keys alone" in steps[13]["not_checked"][0]


def test_without_packs_it_says_what_is_shut(audited: Audited) -> None:
    """Without keys and openings the command counts what it cannot open, by ledger."""
    home = audited.auditor.folder / "copy"
    for words in (
        ("replay",),
        ("access",),
        ("history", "A" * 43),
        ("diff", "2026-01-01", "2099-01-01"),
    ):
        ended = audited.auditor.run("audit", *words, "--home", home)
        assert ended.status == 2
        shut = r"for want of keys or openings: .*bhr [0-9]+, havering [0-9]+, redbridge [0-9]+\n"
        assert re.search(shut, ended.err), ended.err
    alone = ("--openings", audited.packs["havering"])
    ended = audited.auditor.run("audit", "replay", "--home", home, *alone)
    assert ended.status == 2
    assert "bhr " in ended.err.removeprefix("bhr: ")
    assert "havering " not in ended.err


def test_making_a_pack_is_recorded(audited: Audited) -> None:
    """Who was given openings, of how many parts and by which warrant, stands in the ledger."""
    ended = audited.stage.hub.run("audit", "access", "--borough", "havering")
    assert "openings of " in ended.out
    assert "by internal-audit" in ended.out


def test_a_pack_holds_no_key_and_nothing_restricted(audited: Audited) -> None:
    """What a borough sealed to recipients, and every key, is in no pack."""
    for path in audited.packs.values():
        raw = path.read_bytes()
        text = gzip.decompress(raw) if path.suffix == ".gz" else raw
        for secret in ("2017-03-04", Told(1).child):
            assert secret.encode() not in text
            assert to_text(secret.encode())[:-1].encode() not in text


FORGERIES: Mapping[str, Callable[[list[bytes]], list[bytes]]] = {
    "truncated": lambda lines: lines[:-1],
    "doubled-or-out-of-order": lambda lines: [*lines[:3], lines[2], *lines[3:]],
    "digest-differs": lambda lines: [*lines[:3], *lines[4:]],
    "head-malformed": lambda lines: lines[1:],
    "entry-malformed": lambda lines: [*lines, lines[-1]],
}


@pytest.mark.parametrize("code", FORGERIES)
def test_a_pack_that_is_not_whole_is_refused(audited: Audited, code: str, tmp_path: Path) -> None:
    """What was left out, doubled, cut off or added is refused by name."""
    lines = audited.packs["havering"].read_bytes().splitlines(keepends=True)
    forged = tmp_path / "forged.jsonl"
    forged.write_bytes(b"".join(FORGERIES[code](lines)))
    ended = audited.replays(havering=forged)
    assert ended.status == 2
    assert code in ended.err, ended.err


def test_packs_of_the_wrong_ledger(audited: Audited) -> None:
    """Two packs of one ledger are refused, as is one of a ledger that is not there."""
    ended = audited.replays(redbridge=audited.packs["havering"])
    assert ended.status == 2
    assert "given-twice" in ended.err


def test_a_warrant_must_allow_it(audited: Audited, tmp_path: Path) -> None:
    """An expired warrant, another ledger's, or none at all opens nothing; no file is left."""
    stage = audited.stage
    expired = granted(stage, "havering", *ALL_DAYS, "--expires", "2020-01-01T00:00:00Z")
    cases = {
        expired: "warrant-expired",
        granted(stage, "redbridge"): "no such warrant",
        "01890a5d-ac96-774b-bcce-b302099a8057": "no such warrant",
    }
    for warrant, said in cases.items():
        ended = make(stage, "havering", warrant, tmp_path / "pack.jsonl")
        assert ended.status == 2
        assert said in ended.err
    assert list(tmp_path.iterdir()) == []
    by_another = signed(stage, "redbridge", "havering", *ALL_DAYS, *IN_FORCE)
    ended = stage.hub.run("decision", "record", by_another)
    assert ended.status == 2
    assert "warrant-of-another-ledger" in ended.err


def test_a_period_that_leaves_events_out(audited: Audited, tmp_path: Path) -> None:
    """What a warrant's period does not cover is not opened, and a replay says how much that is."""
    short = ("--since", "2022-01-01", "--until", "2022-12-31", *IN_FORCE)
    warrant = granted(audited.stage, "havering", *short)
    pack = tmp_path / "short.jsonl.gz"
    assert make(audited.stage, "havering", warrant, pack).status == 0
    ended = audited.replays(havering=pack)
    assert ended.status == 2
    assert "for want of keys or openings: havering " in ended.err
    again = make(audited.stage, "havering", warrant, pack)
    assert again.status == 2
    assert "never overwritten" in again.err
