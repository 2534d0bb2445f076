"""What proves a hub's ledgers: the checkpoint key, the witnesses, and what keeps both at work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from adapters.assembly.guarding import Lookout
from adapters.assembly.witnesses import asked_witnesses, policy_of
from adapters.keys.checkpoint_key import ALGORITHMS, CheckpointKey
from adapters.keys.succession import Succession
from adapters.log_settings import origin_of, witness_policy
from adapters.settings import HubHome
from domain.reference.participants import PARTNERSHIP
from services.checkpointing import Checkpointing, Cosigners, Keeping, NoCosigners, Rhythm
from services.cosigning import Cosigning
from services.log_ports import ProvenLedger
from services.quorum import PolicyCosigners


@contextmanager
def keeping(
    home: HubHome,
    passphrase: str,
    ledgers: Mapping[str, ProvenLedger],
    lookout: Lookout,
    *,
    rhythm: Rhythm | None = None,
) -> Iterator[Keeping]:
    """Give what signs, shows and publishes the checkpoints of these ledgers, under their guards.

    Raises HomeNotReady or NotOpened, and NotProven for a policy file that is none.
    """
    keys, now = signing_keys(home, passphrase), lookout.clock
    with _cosigners(lookout) as cosigners:
        kept = []
        for name, ledger in ledgers.items():
            origin = origin_of(home, name)
            signers = [signer for key in keys for signer in key.signers(origin)]
            kept.append(Checkpointing(ledger, origin, signers, cosigners, now))
            kept[-1].before_signing = lookout.guards[name].before_signing
        yield Keeping(kept, rhythm or Rhythm())


def signing_keys(home: HubHome, passphrase: str) -> list[CheckpointKey]:
    """Open what checkpoints are signed with: the key in use, and beside it its successor.

    While a key is being replaced both sign: whoever was not told of the new one believes the old
    one still, and whoever was told believes the new one already.
    """
    keys = Succession(home.key_files, "checkpoint-signing")
    paths = [one for one in (keys.in_use, keys.successor) if one == keys.in_use or one.exists()]
    return [CheckpointKey(keys.opened(path, PARTNERSHIP, passphrase)) for path in paths]


@contextmanager
def _cosigners(lookout: Lookout) -> Iterator[Cosigners]:
    path = witness_policy()
    if path is None:
        yield NoCosigners()
        return
    policy = policy_of(path)
    with ExitStack() as closing:
        asked = closing.enter_context(asked_witnesses(policy))
        threads = closing.enter_context(ThreadPoolExecutor(max(1, len(asked)), "witness"))
        cosigning = Cosigning(ALGORITHMS, lookout.clock)
        cosigning.heard = lookout.times.heard
        yield PolicyCosigners(policy, asked, cosigning, ALGORITHMS, threads)
