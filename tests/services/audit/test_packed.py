"""What an operator hands over, and what an auditor without keys makes of it and of forgeries."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from domain.decisions import subject_mark
from domain.errors import NotAuthorised, NotFound, NotOpened, OpeningsRefused, Unavailable
from domain.opened import OpenedEvent
from domain.openings import PackEnd
from domain.values import to_text
from domain.vocabulary.deciding import WarrantGranted
from projections.catalogue import PROJECTIONS
from services.audit.handing_over import Asked, HandedOver, HandingOver
from services.audit.packed import PackedLedger, survey
from services.audit.replaying import Prefix, replay
from services.audit.warrants import Warrant
from services.custody import KeyName
from services.folding import FoldingRules, fault_code
from services.ports import Head, StoredEntry
from tests.fakes_keys import MemoryKeyStore
from tests.fakes_views import FakeViews
from tests.hub_rig import MODELS, NOW_MS, HubRig, open_rig
from tests.rig_decisions import Decider

LEDGER = "havering"
EVENTS = 6


class Copy:
    """A ledger's entries as an auditor copied them (a `DatedLog`)."""

    def __init__(self, entries: Sequence[StoredEntry]) -> None:
        """Keep entries, perhaps altered ones."""
        self.entries = list(entries)

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from a position on."""
        return self.entries[start : start + limit]

    def head(self) -> Head:
        """Give the end."""
        return Head(len(self.entries), NOW_MS, 0)

    def size_as_of(self, recorded_ms: int) -> int:
        """Give all there is."""
        return len(self.entries)


class Desk:
    """An operator over a hub in memory."""

    def __init__(self, rig: HubRig) -> None:
        """Publish events, and be ready to hand them over."""
        self.rig = rig
        publisher = rig.publisher()
        first = publisher.event()
        publisher.publish(first, *(publisher.event() for _ in range(EVENTS - 2)))
        publisher.publish(publisher.event(subject=first["subject"]))
        ledgers = {name: stand.ledger for name, stand in rig.stands.items()}
        openings = {name: stand.opening for name, stand in rig.stands.items()}
        self.handing_over = HandingOver(rig.deciding, ledgers, openings, rig.hub_events)
        self.copy = Copy(rig.havering.ledger.read(0, 1000))

    def granted(self, by: str = LEDGER, **changes: object) -> uuid.UUID:
        """Grant a warrant for everything, but for what is changed."""
        file = Decider(by).warrant(**{"ledger": LEDGER, **changes})
        return uuid.UUID(self.rig.decisions.record(file).event)

    def make(self, written: list[bytes], warrant: uuid.UUID | None = None) -> HandedOver:
        """Make a pack of the ledger as it was when it was copied."""
        asked = Asked(LEDGER, warrant or self.granted(), NOW_MS)
        return self.handing_over.make(asked, written.append, lambda *_: None)

    def packed(self, lines: Sequence[bytes], copy: Copy | None = None) -> PackedLedger:
        """Give the copy as an auditor reads it with a pack."""
        return PackedLedger(copy or self.copy, survey(lambda: iter(lines)), MODELS)


@pytest.fixture
def store() -> MemoryKeyStore:
    """Give the hub's key store."""
    return MemoryKeyStore()


@pytest.fixture
def desk(store: MemoryKeyStore) -> Iterator[Desk]:
    """Give an operator with events to hand over."""
    with open_rig(HubRig(key_store=store)) as rig:
        yield Desk(rig)


@pytest.fixture
def lines(desk: Desk) -> list[bytes]:
    """Give the lines of a whole pack."""
    written: list[bytes] = []
    desk.make(written)
    return written


def resealed(lines: Sequence[bytes], **changes: int) -> list[bytes]:
    """Give a pack whose last line is true of the lines before, as a forger would write it."""
    digest = to_text(hashlib.sha256(b"".join(lines[:-1])).digest())
    said = json.loads(lines[-1]) | {"digest": digest, "entries": len(lines) - 2} | changes
    return [*lines[:-1], PackEnd.model_validate(said).canonical() + b"\n"]


def respelt(line: bytes, **changes: object) -> bytes:
    """Give a line with something else in it, as canonical JSON."""
    said = json.loads(line) | changes
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def opened_by(ledger: PackedLedger) -> list[OpenedEvent | NotOpened]:
    """Open everything."""
    return ledger.events(ledger.read(0, 1000))


def test_an_auditor_opens_what_the_hub_opens(desk: Desk, lines: list[bytes]) -> None:
    """But for tags of streams and ids of keys, which need keys, events are the same to the last."""
    with_keys = [desk.rig.havering.opening.event(entry) for entry in desk.copy.entries]
    without = opened_by(desk.packed(lines))
    assert len(with_keys) >= EVENTS
    tagless = [one._replace(stream_tag=uuid.UUID(int=0), keys=()) for one in with_keys]
    events = [one for one in without if isinstance(one, OpenedEvent)]
    assert [one._replace(stream_tag=uuid.UUID(int=0)) for one in events] == tagless
    streams = {one.header.subject for one in with_keys}
    assert len({one.stream_tag for one in events}) == len(streams) < len(without)


def test_reading_again_and_in_pieces(desk: Desk, lines: list[bytes]) -> None:
    """However it is read, forward or from the beginning again, each entry has its own opening."""
    ledger = desk.packed(lines)
    whole = opened_by(ledger)
    pieces = [ledger.events(ledger.read(at, 2)) for at in range(0, len(whole), 2)]
    assert [one for some in pieces for one in some] == whole
    assert opened_by(ledger) == whole
    assert ledger.event(ledger.read(1, 1)[0]) == whole[1]


def test_a_pack_is_recorded_before_it_is_complete(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the opening cannot be recorded there is no last line, and so no pack."""
    warrant = desk.granted()

    def refuse(*_: object) -> None:
        raise Unavailable("the ledger")

    monkeypatch.setattr(desk.rig.hub_events, "append", refuse)
    written: list[bytes] = []
    with pytest.raises(Unavailable):
        desk.make(written, warrant)
    with pytest.raises(OpeningsRefused, match="truncated"):
        survey(lambda: iter(written))


FORGED: Mapping[str, tuple[int, dict[str, object]]] = {
    "header-differs": (1, {"header": {"bytes": "e30", "salt": "A" * 43}}),
    "parts-differ": (2, {"parts": []}),
    "part-differs": (3, {}),
    "part-withheld": (3, {}),
    "doubled-or-out-of-order": (3, {"position": 1}),
    "beyond-its-size": (-2, {"position": 1000}),
}


@pytest.mark.parametrize("code", FORGED)
def test_a_forged_line_is_named_with_its_place(desk: Desk, lines: list[bytes], code: str) -> None:
    """Whatever a forger makes true of the whole, the leaf of the entry tells.

    A part without its bytes is no erased one, while no key was destroyed.
    """
    at, changes = FORGED[code]
    if code in {"part-differs", "part-withheld"}:
        first, *others = json.loads(lines[at])["parts"]
        salted = {"bytes": first["bytes"], "salt": "A" * 43} if code == "part-differs" else {}
        changes = {"parts": [{"number": first["number"], **salted}, *others]}
    forged = resealed([*lines[:at], respelt(lines[at], **changes), *lines[at:][1:]])
    with pytest.raises(OpeningsRefused) as refused:
        opened_by(desk.packed(forged))
    assert refused.value.code == code
    assert refused.value.position is not None


def test_openings_in_each_others_place(desk: Desk, lines: list[bytes]) -> None:
    """Two entries' openings that were exchanged are refused at the first of them."""
    one, two = json.loads(lines[1]), json.loads(lines[2])
    swapped = [
        respelt(lines[2], position=one["position"]),
        respelt(lines[1], position=two["position"]),
    ]
    forged = resealed([lines[0], *swapped, *lines[3:]])
    with pytest.raises(OpeningsRefused, match="at position 0: header-differs"):
        opened_by(desk.packed(forged))


def test_what_was_left_out_does_not_count(desk: Desk, lines: list[bytes]) -> None:
    """A line that a forger left out leaves an entry that nothing opens, and is counted."""
    size = len(desk.copy.entries)
    assert desk.packed(lines).shut(size) == 0
    left_out = desk.packed(resealed([*lines[:2], *lines[3:]]))
    assert [left_out.shut(many) for many in (1, 2, size)] == [0, 1, 1]
    assert desk.packed(resealed([*lines[:-4], *lines[-1:]])).shut(size) == 2


def folded(desk: Desk, ledger: PackedLedger | None = None) -> FakeViews:
    """Fold the copy, by the hub's keys or by a pack."""
    store = FakeViews()
    opens = ledger or desk.rig.havering.opening
    rules = FoldingRules(
        open_entries=lambda _, entries: opens.events(entries),
        projections=PROJECTIONS,
        takes=lambda _: True,
    )
    log = Prefix(ledger or desk.copy, len(desk.copy.entries))
    replay({LEDGER: log}, store, rules, lambda *_: None)
    return store


def test_what_does_not_open_parks_the_same(desk: Desk, store: MemoryKeyStore) -> None:
    """An entry whose key is lost stops its stream for an auditor as it does for the hub."""
    first = desk.rig.havering.opening.event(desk.copy.entries[-1])
    tag = desk.rig.custody.tag(KeyName(LEDGER, "stream", first.header.subject))
    del store._rows[tag]
    desk.rig.custody.forget()
    written: list[bytes] = []
    desk.make(written)
    assert sum(line.startswith(b'{"fault":"key-missing"') for line in written) == 2
    ours, theirs = folded(desk), folded(desk, desk.packed(written))
    assert [(one.position, one.reason, one.entries) for one in ours.folded(LEDGER).parked] == [
        (one.position, one.reason, one.entries) for one in theirs.folded(LEDGER).parked
    ]
    assert theirs.folded(LEDGER).parked[0].entries == 2


def test_an_altered_column_moves_nothing(desk: Desk, lines: list[bytes]) -> None:
    """Streams are told apart by what their headers say, whatever stands in the rows."""
    altered = Copy([replace(one, stream_tag=uuid.UUID(int=7)) for one in desk.copy.entries])
    assert opened_by(desk.packed(lines, altered)) == opened_by(desk.packed(lines))


def test_an_altered_record_does_not_open(desk: Desk, lines: list[bytes]) -> None:
    """A row whose sealed bytes are not the leaf's is told as by the hub, opening or not."""
    entry = desk.copy.entries[2]
    record = entry.record[:-1] + bytes([entry.record[-1] ^ 1])
    desk.copy.entries[2] = replace(entry, record=record)
    found = opened_by(desk.packed(lines))[2]
    assert isinstance(found, NotOpened)
    assert fault_code(found) == "stored-bytes-differ"


def test_a_warrant_that_names_children(desk: Desk) -> None:
    """It covers the events of these alone, and withholds what is said of others in them."""
    events = [desk.rig.havering.opening.event(entry) for entry in desk.copy.entries]
    about = [one for one in events if one.subjects]
    named = about[0].subjects[0].pseudonym
    assert named is not None
    warrant = Warrant("w", facts(desk), frozenset({subject_mark(LEDGER, named)}))
    assert [one for one in events if warrant.covers(one)] == [
        one for one in events if any(each.pseudonym == named for each in one.subjects)
    ]
    assert warrant.withheld(about[0]) == set()
    assert warrant.withheld(about[1]) == {one.number for one in about[1].subjects}


def facts(desk: Desk) -> WarrantGranted.Facts:
    """Give what a warrant for everything says."""
    entry = desk.rig.havering.ledger.find(desk.granted())
    assert entry is not None
    found = desk.rig.havering.opening.event(entry).facts
    assert isinstance(found, WarrantGranted.Facts)
    return found


def test_a_warrant_that_does_not_stand(desk: Desk) -> None:
    """Expired, of another ledger or body, or never granted: nothing is opened."""
    with pytest.raises(NotAuthorised):
        desk.make([], desk.granted(expires="2020-01-01T00:00:00Z"))
    for event in (uuid.UUID(int=7), desk.copy.entries[1].event_id):
        with pytest.raises(NotFound):
            desk.make([], event)
    for body in ("redbridge", "nobody"):
        with pytest.raises(NotAuthorised):
            desk.granted(by=body)


def test_a_period_is_kept_to(desk: Desk) -> None:
    """What happened outside of a warrant's days has no line."""
    written: list[bytes] = []
    made = desk.make(written, desk.granted(period_start="1990-01-01", period_end="1990-01-02"))
    assert (made.entries, made.openings, len(written)) == (0, 0, 2)
