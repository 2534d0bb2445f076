"""Keys by hand: how they are made and kept, recovered, trusted and shared between boroughs."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from adapters.assembly import ceremonies
from domain.signed_note import read_vkey
from tests.journeys.machines import Ended, Machine
from tests.journeys.stage import COST, Stage, set_stage

OTHERS = 0o077
MARK = re.compile(r"[A-Za-z0-9_-]{43}")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Give a stage on which nobody plays."""
    return set_stage(tmp_path_factory.mktemp("keys") / "stage")


def well(ended: Ended) -> str:
    """Give what a command said that ended well."""
    assert ended.status == 0, ended.said()
    return ended.out


def test_keys_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    """Key files are 0600 in folders of 0700, and what is shown are fingerprints, never a secret."""
    machine = Machine(tmp_path / "machine", "the passphrase of a hub")
    recovery = tmp_path / "off-line" / "recovery.json"
    said = well(machine.run("keys", "recovery", recovery, BHR_PASSPHRASE="another passphrase"))
    named = ("--log-name", "hub.example")
    said += well(machine.run("keys", "init", "--recovery", f"{recovery}.pub", *named))
    logs = well(machine.run("keys", "log", "havering")).splitlines()
    assert [(key.name, key.kind.name) for key in map(read_vkey, logs)] == [
        ("hub.example/havering", "ED25519"),
        ("hub.example/havering", "ML_DSA_44"),
    ]
    well(machine.run("borough", "init", "havering", "--authority", "311", "--hub", "https://h"))
    borough = ("--borough", "havering")
    said += well(machine.run("keys", "init", "--recovery", f"{recovery}.pub", *borough))
    homes = (machine.folder / "hub", machine.folder / "boroughs" / "havering", recovery.parent)
    files = [path for home in homes for path in (home, *home.rglob("*"))]
    assert {path.name for path in files} >= {"key-encryption.json", "recipient.json", "hub"}
    shown = {path.name for path in files if stat.S_IMODE(path.stat().st_mode) & OTHERS}
    assert shown <= {"borough.json", "log.json", "public-keys.json"}
    held = "".join(path.read_text("utf-8") for path in files if path.suffix in {".json", ".pub"})
    assert all(mark in held for mark in MARK.findall(said))
    assert not re.search(r"passphrase of a hub|another passphrase", held + said)
    again = machine.run("keys", "init", "--recovery", f"{recovery}.pub")
    assert (again.status, "never overwritten" in again.err) == (2, True)


def test_recovery_is_rehearsed(stage: Stage) -> None:
    """Status warns until the recovery key has opened every key file, and then says the day."""
    never = "recovery was never rehearsed"
    assert never in well(stage.hub.run("keys", "status"))
    rehearsal = ("keys", "rehearse", "--recovery", stage.recovery("hub"))
    wrong = stage.hub.run(*rehearsal)
    assert (wrong.status, "does not open here" in wrong.err) == (2, True)
    assert never in well(stage.hub.run("keys", "status"))
    opened = well(stage.hub.run(*rehearsal, BHR_PASSPHRASE="the recovery of hub"))
    assert opened.split("\n")[:-1] == [
        f"recovered: {purpose}"
        for purpose in ("checkpoint-signing", "hub-signing", "key-encryption", "token-issuer")
    ]
    assert re.search(r"^recovery rehearsed on \d{4}-\d\d-\d\d$", _status(stage), re.MULTILINE)


def _status(stage: Stage) -> str:
    return well(stage.hub.run("keys", "status"))


def test_another_recovery_key_recovers_nothing(stage: Stage) -> None:
    """A recovery key that the key files were not sealed to opens none of them."""
    strange = stage.folder / "recovery-strange.json"
    ceremonies.make_recovery(strange, "the recovery of a stranger", cost=COST)
    ended = stage.machine("redbridge").run(
        *("keys", "rehearse", "--borough", "redbridge", "--recovery", strange),
        BHR_PASSPHRASE="the recovery of a stranger",
    )
    assert (ended.status, ended.out) == (2, "")


def test_status_asks_for_a_mirror(stage: Stage, tmp_path: Path) -> None:
    """The hub's operator is told that the key store has no mirror, until one is named."""
    assert "no mirror" in _status(stage)
    named = stage.hub.run("keys", "status", BHR_KEY_MIRROR=str(tmp_path / "mirror.sqlite"))
    assert "no mirror" not in well(named)


@pytest.mark.parametrize("mark", ["A" * 43, "-" + "A" * 42, "--" + "A" * 41])
def test_trust_is_a_fingerprint_read_out(stage: Stage, mark: str) -> None:
    """What `trust add` was given is what `trust list` shows, once, of that body's file alone."""
    machine = stage.machine("havering")
    entry = f"{'redbridge':32} {'recipient':10} {mark}"
    for _ in range(2):
        added = ("trust", "add", "redbridge", "recipient", mark, "--borough", "havering")
        assert well(machine.run(*added)) == "trusted: redbridge recipient\n"
    listed = well(machine.run("trust", "list", "--borough", "havering"))
    assert listed.splitlines().count(entry) == 1
    assert mark not in well(stage.hub.run("trust", "list"))
    refused = machine.run("trust", "add", "redbridge", "recipient", "A", "--borough", "havering")
    assert refused.status == 2
    assert well(machine.run("trust", "list", "--borough", "havering")) == listed


def test_belief_is_taken_back(stage: Stage) -> None:
    """Dated, in that body's file alone; what was never given, or is to come, is not taken back."""
    machine, mark = stage.machine("redbridge"), "C" + "A" * 42
    whose = ("havering", "recipient", mark, "--borough", "redbridge")
    well(machine.run("trust", "add", *whose))
    assert machine.run("trust", "remove", *whose, "--since", "2999-01-01T00:00:00Z").status == 2
    said = well(machine.run("trust", "remove", *whose, "--since", "2026-01-02T03:04:05Z"))
    assert said == "not trusted since 2026-01-02T03:04:05.000Z: havering recipient\n"
    entry = f"{'havering':32} {'recipient':10} {mark}  until 2026-01-02T03:04:05.000Z"
    assert entry in well(machine.run("trust", "list", "--borough", "redbridge")).splitlines()
    assert stage.hub.run("trust", "remove", "havering", "recipient", mark).status == 2


def test_linkage_key_goes_to_whom_it_was_sealed(stage: Stage, tmp_path: Path) -> None:
    """One borough makes the linkage key; another takes it once its key was vouched for."""
    giver = Machine(tmp_path / "giver", "the passphrase of a giver")
    recovery = tmp_path / "off-line" / "recovery.json"
    ceremonies.make_recovery(recovery, "the recovery of a giver", cost=COST)
    public = f"{recovery}.pub"
    of_giver = ("--borough", "barnet")
    well(giver.run("borough", "init", "barnet", "--authority", "302", "--hub", "https://h"))
    well(giver.run("keys", "init", *of_giver, "--recovery", public))
    well(giver.run("keys", "linkage", "make", *of_giver, "--recovery", public))
    taker = stage.home("redbridge")
    sealed = tmp_path / "sealed.json"
    share = ("keys", "linkage", "share", taker.public_keys, sealed, *of_giver)
    strange = giver.run(*share)
    assert (strange.status, "not trusted" in strange.err, sealed.exists()) == (2, True, False)
    mark = ceremonies.fingerprints(taker)["recipient"]
    well(giver.run("trust", "add", "redbridge", "recipient", mark, *of_giver))
    assert well(giver.run(*share)) == "sealed to redbridge\n"
    assert set(json.loads(sealed.read_bytes())) == {"from", "sealed", "to"}
    taken = ("keys", "linkage", "take", sealed, "--recovery", public, "--borough")
    other = stage.machine("havering").run(*taken, "havering")
    assert (other.status, "does not open here" in other.err) == (2, True)
    standing = stage.machine("redbridge").run(*taken, "redbridge")
    assert (standing.status, "never overwritten" in standing.err) == (2, True)
    taker.key_file("linkage").unlink()
    assert well(stage.machine("redbridge").run(*taken, "redbridge")) == "linkage key kept\n"
