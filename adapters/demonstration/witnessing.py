"""The demonstration's witnesses: one a borough, with keys and books of homes of their own.

They play in one process, since three witnesses on one host are one witness anyway: whoever has the
machine has all of their keys. In earnest each borough runs its own, where the hub's operator cannot
reach it. They cosign by the clock that hub and boroughs play by, as of the days of the returns.
"""

from __future__ import annotations

import os
import signal

from adapters.assembly.ceremonies import keys_of_logs
from adapters.assembly.ledgers import ledgers_of
from adapters.assembly.witnesses import make_witness, open_witnesses, recovered_by, serve_log
from adapters.demonstration.stage import COST, Stage
from adapters.http.server import Address, run
from adapters.log_settings import POLICY_VARIABLE, WitnessHome
from adapters.settings import hub_home
from adapters.settled_memory import settle_memory

ENOUGH = 2


def set_witnesses(stage: Stage, port: int) -> None:
    """Make every witness, tell it the logs, and write the policy that names them all."""
    with ledgers_of(hub_home(), demo=True) as ledgers:
        logs = [key.vkey() for key in keys_of_logs(hub_home(), ledgers)]
    recovery = stage.folder / "recovery.json.pub"
    lines = [f"log {vkey}" for vkey in logs]
    for slug in (one.slug for one in stage.authorities):
        opened_by = recovered_by(stage.passphrase, recovery, cost=COST)
        home = _home(stage, slug)
        key, _ = make_witness(home, slug, f"{slug}.invalid/witness", opened_by)
        for vkey in logs:
            serve_log(home, vkey)
        lines.append(f"witness {slug} {key.vkey()} http://127.0.0.1:{port}/{slug}")
    slugs = [one.slug for one in stage.authorities]
    enough = min(ENOUGH, len(slugs))
    lines += [f"group boroughs {enough} {' '.join(slugs)}", "quorum boroughs"]
    stage.policy.write_text("\n".join(lines) + "\n", encoding="ascii")
    os.environ[POLICY_VARIABLE] = str(stage.policy)


def witnesses_process(stage: Stage, port: int) -> None:
    """Play every witness until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    homes = {one.slug: _home(stage, one.slug) for one in stage.authorities}
    with open_witnesses(homes, stage.passphrase, clock=stage.clock()) as served:
        settle_memory()
        run(served, Address("127.0.0.1", port))


def _home(stage: Stage, slug: str) -> WitnessHome:
    return WitnessHome(stage.folder / "witnesses" / slug)
