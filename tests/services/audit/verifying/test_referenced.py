"""A pack's reference documents are those that the ledger registered, or each is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from domain.openings import entry_line
from domain.record import leaf_bytes_of
from domain.vocabulary.offices import RightGranted
from services.audit.replaying import Prefix
from services.audit.showing_reference import OPENINGS, show_reference
from services.audit.verifying import report
from services.audit.verifying.evidence import Evident
from services.audit.verifying.referenced import ShownReference
from services.registry import Registry
from services.trust import Belief
from tests.hub_rig import MODELS, HubRig, MemoryTrust, open_rig

Files = dict[str, bytes]


class Leaves:
    """The partnership's ledger as a pack has it: leaves alone."""

    ledger = "bhr"
    partial_tiles = True

    def __init__(self, rig: HubRig) -> None:
        """Copy them."""
        read = rig.partnership.ledger.read(0, 10_000)
        self._leaves = [leaf_bytes_of(one.record) for one in read]
        self.size = len(self._leaves)

    def entries(self, start: int, limit: int) -> Sequence[Evident]:
        """Give some of them."""
        return [Evident(leaf) for leaf in self._leaves[start : start + limit]]

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Give none."""

    def checkpoints(self) -> Iterator[bytes]:
        """Give none."""
        return iter(())


@pytest.fixture(scope="module")
def rig() -> Iterator[HubRig]:
    """Give a hub in memory, where the shipped documents are registered and a right is granted."""
    with open_rig() as opened:
        facts = RightGranted.Facts(
            effective_from="2024-01-01",
            office="analyst",
            participant="havering",
            purposes=("partnership-themes",),
            right="live",
        )
        opened.registering.grant(facts)
        yield opened


@pytest.fixture
def files(rig: HubRig) -> Files:
    """Give what the hub puts into a pack."""
    made: Files = {}
    log = Prefix(rig.partnership.ledger, rig.partnership.ledger.head().size)
    many = show_reference(log, rig.partnership.opening, rig.another_registry(), made.__setitem__)
    assert many == len(made) - 1 > 5
    return made


def found(rig: HubRig, files: Files) -> set[tuple[int, str]]:
    """Hold a pack against the ledger; gives where something is wrong, and what."""
    shown = ShownReference(Leaves(rig), MODELS, files.get)
    registry = Registry(shown, shown, Belief(MemoryTrust(), lambda *_: False), rig.clock)
    names = [one.removeprefix("reference/") for one in files]
    list(shown.hold(registry, names))
    return {(one.position, one.code) for one in shown.findings if one.step == report.OPENINGS}


def test_what_the_hub_shows_is_what_it_registered(rig: HubRig, files: Files) -> None:
    """Every document is there, opens by its entries alone, and nothing is found."""
    assert found(rig, files) == set()
    shown = ShownReference(Leaves(rig), MODELS, files.get)
    registry = Registry(shown, shown, Belief(MemoryTrust(), lambda *_: False), rig.clock)
    mine, theirs = registry.documents(), rig.registry.documents()
    assert {key: [one.digest for one in some] for key, some in mine.items()} == {
        key: [one.digest for one in some] for key, some in theirs.items()
    }
    assert registry.rights() == []


def path_of(rig: HubRig, kind: str) -> str:
    """Give the path of the first document of a kind."""
    versions = next(some for (one, _), some in rig.registry.documents().items() if one == kind)
    return f"reference/{versions[0].digest.hex()}.json"


def test_a_document_that_differs_or_is_missing_is_named_by_its_entry(
    rig: HubRig, files: Files
) -> None:
    """The place is that of the entry that registered it last; a file more has none."""
    path = path_of(rig, "participants")
    at = next(
        some[0].position
        for (one, _), some in rig.registry.documents().items()
        if one == "participants"
    )
    assert found(rig, {**files, path: files[path] + b" "}) == {(at, "reference-document-differs")}
    fewer = {one: raw for one, raw in files.items() if one != path}
    assert found(rig, fewer) == {(at, "reference-document-missing")}
    more = {**files, "reference/00.json": b"{}"}
    assert found(rig, more) == {(-1, "reference-document-not-registered")}


def _another_salt(line: bytes) -> bytes:
    at = line.index(b'"salt":"') + len(b'"salt":"')
    return line[:at] + (b"B" if line[at : at + 1] == b"A" else b"A") + line[at + 1 :]


@pytest.mark.parametrize(
    ("change", "code", "placed"),
    [
        (_another_salt, "reference-opening-differs", True),
        (lambda _: b"nothing\n", "reference-opening-malformed", False),
        (
            lambda line: line.replace(b'"position":', b'"position":9'),
            "reference-opening-differs",
            False,
        ),
    ],
    ids=["another salt", "no line", "beyond the end"],
)
def test_an_opening_that_is_not_its_leafs_is_named(
    rig: HubRig, files: Files, change: Callable[[bytes], bytes], code: str, *, placed: bool
) -> None:
    """A line that was changed opens nothing, and its document stands for nothing any more."""
    first, *rest = files[OPENINGS].splitlines(keepends=True)
    spoilt = found(rig, {**files, OPENINGS: change(first) + b"".join(rest)})
    assert code in {one for _, one in spoilt}
    assert not placed or (0, code) in spoilt
    assert (-1, "reference-document-not-registered") in spoilt


def test_what_registers_nothing_is_not_opened_unseen(rig: HubRig, files: Files) -> None:
    """Who opens another entry of the ledger in a pack, such as who may read, is told on."""
    (entry,) = (
        one
        for one in rig.partnership.ledger.read(0, 10_000)
        if isinstance(rig.partnership.opening.event(one).facts, RightGranted.Facts)
    )
    salted = rig.partnership.opening.salted(entry)
    line = entry_line(entry.position, salted.header, salted.parts)
    assert found(rig, {**files, OPENINGS: files[OPENINGS] + line}) == {
        (entry.position, "opened-and-registers-nothing")
    }


def test_a_pack_that_was_made_without_keys_says_so(rig: HubRig) -> None:
    """Nothing is found, and nothing is said to be checked."""
    shown = ShownReference(Leaves(rig), MODELS, Files().get)
    (said,) = shown.hold(rig.registry, [])
    assert (said.looked_at, shown.findings) == (0, [])
    assert "without the keys" in said.not_checked
