"""Run by the verifiers' own Python: the client of aics-witness, against any witness.

Reads a JSON document {url, vkey, submissions: [{note, proofs: {old size: [hex]}}]} and prints, for
each submission, the lines that the client believed, or the name of what it raised.
"""

from __future__ import annotations

import importlib
import json
import sys
from functools import partial


def main() -> None:
    """Submit what stands on the standard input, one after another, with one client."""
    feeder = importlib.import_module("aics_witness.feeder")
    said = json.load(sys.stdin)
    results: list[str] = []
    with feeder.WitnessClient(said["url"], said["vkey"], max_attempts=1) as client:
        for submission in said["submissions"]:
            proofs = {int(old): hashes for old, hashes in submission["proofs"].items()}
            try:
                results.append(client.submit(submission["note"], partial(_prove, proofs)))
            except feeder.FeederError as error:
                results.append(type(error).__name__)
    json.dump(results, sys.stdout)


def _prove(proofs: dict[int, list[str]], old: int, _: int) -> list[bytes]:
    return [bytes.fromhex(one) for one in proofs[old]]


if __name__ == "__main__":
    main()
