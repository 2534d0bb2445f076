"""Every forgery of an exported log is refused from the pack alone, and its place is named."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from adapters.assembly.evidence import Held
from adapters.assembly.openers import Asked
from adapters.assembly.verifying import verify
from adapters.pack_folder import PackFolder
from domain.canonical import canonical
from services.audit.exporting import export
from services.audit.verifying import report
from services.audit.verifying.report import Finding
from tests.contracts.ledger_builders import NAME, SteppedClock, open_sqlite, sqlite_path, submission
from tests.forgeries import FORGERIES, Forgery, copied
from tests.note_rig import LOG, LOG_PQ, WITNESSES
from tests.verifying_rig import MINUTE, SECOND, checkpoint, record

SIZE = 2_000
POLICY = (
    *(f"log {one.key.vkey()}" for one in (LOG, LOG_PQ)),
    *(f"witness w{at} {one.key.vkey()}" for at, one in enumerate(WITNESSES)),
    "group boroughs 2 w0 w1 w2",
    "quorum boroughs",
    "",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a pack of a ledger of 2 000 entries; gives the folder that it is in."""
    folder = tmp_path_factory.mktemp("forged")
    (folder / "pack").mkdir()
    clock, pack = SteppedClock(), PackFolder(folder / "pack")
    (folder / "policy").write_text("\n".join(POLICY), "utf-8")
    with closing(open_sqlite(sqlite_path(folder), clock)) as ledger:
        for first in (1, 1 + SIZE // 2):
            pending = [record(number) for number in range(first, first + SIZE // 2)]
            ledger.append([submission(first, *pending)], now_ms=clock.pass_by(MINUTE), fences=0)
            checkpoint(ledger, ledger.head().size, now_ms=clock.pass_by(2 * SECOND))
        size = export(ledger, pack.put, lambda *_: None).size
    pack.put("pack.json", canonical({"format": "bhr-pack/v1", "ledgers": {NAME: size}}))
    return folder


def found(pack: Path) -> list[Finding]:
    """Verify a pack with nothing but the policy beside it."""
    policy = pack.parent / "policy"
    outcome = verify(Asked(Held(folder=pack), policy, processes=1), lambda *_: None)
    return list(outcome.report.findings)


def test_the_pack_itself_is_found_good(made: Path) -> None:
    """Without a forgery there is no finding: whatever is found below was forged."""
    assert found(made / "pack") == []


def test_what_a_pack_does_not_show_is_not_checked(made: Path) -> None:
    """Nothing in it opens, and no views are in it: each such step says why, and none is ok."""
    policy = made / "policy"
    outcome = verify(Asked(Held(folder=made / "pack"), policy, processes=1), lambda *_: None)
    told = {step.number: step for step in outcome.report.steps}
    shut = (report.OPENINGS, report.MISSING, report.DECISIONS, report.VIEWS, report.PUBLISHERS)
    assert {told[one].state for one in shut} == {"not-checked"}
    (why,) = told[report.VIEWS].not_checked
    assert "with the hub's keys alone" in why
    assert not outcome.report.whole


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda one: one.name)
def test_every_forgery_is_found_at_its_place(made: Path, tmp_path: Path, forgery: Forgery) -> None:
    """Each of what others are shown as well is refused, in this ledger and at this position."""
    (tmp_path / "policy").write_bytes((made / "policy").read_bytes())
    pack = copied(made / "pack", tmp_path / "pack")
    forgery.forge(pack / NAME)
    size = int((made / "pack" / NAME / "checkpoint").read_bytes().split(b"\n")[1])
    named = {(one.ledger, one.position) for one in found(pack)}
    assert (NAME, forgery.position(size)) in named
