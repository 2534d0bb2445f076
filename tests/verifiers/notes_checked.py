"""Run by the verifiers' own Python: tlog-scales checks our note, and signs it for us to check.

Reads {name, note, seed, vkeys} and prints the vkeys that it found to have signed, and the key and
the line that it makes with ML-DSA-44 under the seed.
"""

from __future__ import annotations

import importlib
import json
import sys


def main() -> None:
    """Check the note on the standard input."""
    signing = importlib.import_module("tlog_scales.signing")
    tlog = importlib.import_module("tlog_scales.tlog")
    said = json.load(sys.stdin)
    checkpoint = tlog.Checkpoint.from_text(said["note"])
    keys = signing.VkeySet(*(signing.Vkey.from_string(vkey) for vkey in said["vkeys"]))
    verified = sorted(key.serialize() for key, _ in keys.verify(checkpoint.signatures, checkpoint))
    signer = signing.MLDSA44CosignatureSigner(said["name"], bytes.fromhex(said["seed"]))
    made = signer.sign(checkpoint).serialize()
    json.dump({"line": made, "verified": verified, "vkey": signer.vkey.serialize()}, sys.stdout)


if __name__ == "__main__":
    main()
