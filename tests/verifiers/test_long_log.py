"""A log of 70 000 entries, made by the hub, before three verifiers that were not written here."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.signed_note import read_note
from domain.tlog_proof import TlogProof
from domain.tree import inclusion
from tests.forgeries import ALL, FORGERIES, UNTOUCHED, UPPER, Forgery, copied
from tests.note_rig import WITNESSES
from tests.verifiers import notes_checked
from tests.verifiers.hub_log import LEDGER, SIZE, HubLog, made
from tests.verifiers.programs import PYTHON, ROOT, ran

pytestmark = pytest.mark.verifiers

PATIENCE_S = 120
MANY = ("-ui=false", "-N", "64")
"""With its own screen fsck ends well whatever it finds; with few workers it waits for ever."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> HubLog:
    """Make it once: whoever forges it takes a copy."""
    return made(tmp_path_factory.mktemp("long") / "stage")


def run(*command: object) -> subprocess.CompletedProcess[bytes]:
    """Run a verifier to its end; whatever but a good end, in time, is a refusal."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, capture_output=True, check=False, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 124, b"", b"")


def fsck(log: HubLog, url: str, *, token: str = "") -> int:
    """Have Tessera's fsck hash every entry and compare every tile; gives the size that it found.

    This release ends with status 0 whatever it finds, so what counts is what it says in the end.
    0 is a refusal.
    """
    asked = ("-storage_url", url, "-public_key", log.vkey_file(log.vkeys()[0]))
    by = ("-bearer_token", token) if token else ()
    ended = run(ROOT / "bin" / "fsck", *MANY, *asked, *by)
    found = re.search(rb"Successfully fsck'd log with size ([0-9]+) and root", ended.stderr)
    if ended.returncode or b"fsck failed" in ended.stderr or found is None:
        return 0
    return int(found[1])


def tlogscan(log: HubLog, folder: Path) -> bool:
    """Have golang.org/x/mod hash every entry up to the signed root."""
    return not run(ROOT / "bin" / "tlogscan", log.vkeys()[0].vkey(), folder).returncode


def scales(folder: Path, index: int) -> bool:
    """Have tlog-scales read one entry, and check it against the root by its proof."""
    asked = ("get-leaf", "-c", folder, "--", index)
    return not run(PYTHON, "-m", "tlog_scales.cli", *asked).returncode


def scales_said(*words: object) -> bytes:
    """Give what tlog-scales says."""
    command = [str(word) for word in (PYTHON, "-m", "tlog_scales.cli", *words)]
    return subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE_S).stdout


def seen_by(log: HubLog, folder: Path, index: int) -> set[str]:
    """Give which of the three refuse an exported log."""
    accepted = {
        "fsck": fsck(log, folder.as_uri()) == log.size,
        "tlogscan": tlogscan(log, folder),
        "tlog-scales": scales(folder, index),
    }
    return {name for name, well in accepted.items() if not well}


def findings(log: HubLog, pack: Path) -> tuple[int, Sequence[dict[str, object]]]:
    """Have our own verifier read a pack with nothing but the policy; gives status and findings."""
    ended = log.stage.hub.run("audit", "verify", "--pack", pack, "--policy", log.policy, "--json")
    said = json.loads(ended.out)
    return ended.status, [one for step in said["steps"] for one in step["findings"]]


def test_all_accept_the_exported_log(log: HubLog) -> None:
    """Every tile, every entry and both signatures hold for each of them, and for ours."""
    folder = log.pack / LEDGER
    assert log.size >= SIZE
    assert seen_by(log, folder, UNTOUCHED) == set()
    assert findings(log, log.pack) == (0, [])


@pytest.mark.parametrize("index", [0, 255, 256, UNTOUCHED, 65_535, 65_536, SIZE - 1])
def test_another_builds_the_receipt_that_we_build(log: HubLog, index: int) -> None:
    """The leaf is what was logged, and the proof is ours byte for byte, cosignatures and all.

    A receipt as it is served says the leaf as well, in the format's optional `extra` line.
    """
    folder = log.pack / LEDGER
    read = scales_said("get-leaf", "-c", folder, index)
    with log.ledger() as ledger:
        assert read == ledger.tiles.leaves(index, 1)[0]
        path = inclusion(index, log.size, ledger.tiles.tile)
    ours = TlogProof(index, tuple(path), read_note((folder / "checkpoint").read_bytes()))
    assert scales_said("gen-proof", folder, index) == ours.encode()


def test_another_verifies_every_line_of_the_receipt(log: HubLog) -> None:
    """Both of the log's signatures and each witness's cosignature, of either kind."""
    vkeys = [one.vkey() for one in (*log.vkeys(), *(witness.key for witness in WITNESSES))]
    note = (log.pack / LEDGER / "checkpoint").read_text("utf-8")
    asked = {"name": "other.example/key", "note": note, "seed": bytes(32).hex(), "vkeys": vkeys}
    said = json.loads(ran(PYTHON, notes_checked.__file__, given=json.dumps(asked)))
    assert said["verified"] == sorted(vkeys)


@pytest.mark.parametrize("forgery", [*FORGERIES, *UPPER], ids=lambda one: one.name)
def test_every_forgery_is_refused(log: HubLog, tmp_path: Path, forgery: Forgery) -> None:
    """By each that can see it, and by no other: so each of them does look at what it is said to."""
    pack = copied(log.pack, tmp_path / "pack")
    forgery.forge(pack / LEDGER)
    assert seen_by(log, pack / LEDGER, forgery.read) == forgery.sees
    assert forgery.sees <= ALL


@pytest.mark.parametrize("forgery", UPPER, ids=lambda one: one.name)
def test_ours_names_the_place_in_the_tiles_above(
    log: HubLog, tmp_path: Path, forgery: Forgery
) -> None:
    """What only a long log has is found there by ours too; the rest is shown on a short one."""
    pack = copied(log.pack, tmp_path / "pack")
    forgery.forge(pack / LEDGER)
    status, found = findings(log, pack)
    assert status == 1
    assert {(one["ledger"], one["position"]) for one in found} == {
        (LEDGER, forgery.position(log.size))
    }


def test_the_served_log_is_accepted(log: HubLog) -> None:
    """Over HTTP, from `bhr serve`, with an auditor's token; each fetch makes the log longer."""
    running = log.stage.start_hub("--no-projector")
    try:
        url = f"{log.stage.url}/ledgers/{LEDGER}"
        assert fsck(log, url) == 0
        assert fsck(log, url, token=log.auditor_token.read_text("ascii")) >= SIZE
    finally:
        running.stop()
    with log.ledger() as ledger:
        assert ledger.head().size >= log.size + SIZE // 256
