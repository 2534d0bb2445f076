"""Custody of the data keys: found by a tag, durable before they are used, bound to their rows."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from adapters.keys.key_encryption import KeyEncryptionFile
from domain.errors import KeyMissing, NotOpened
from services import custody as custody_module
from services.custody import DataKey, KeyCustody, KeyName
from services.ports import WrappedKey
from tests.fakes_keys import MemoryKeyStore
from tests.rig_faults import Broken, FailingKeyStore, When

CHILD = KeyName("havering", "subject", "pseudonym of a child")
STREAM = KeyName("havering", "stream", "pseudonym of a stream")
ENCRYPTION = KeyEncryptionFile(bytes(32))


@dataclass
class Spelling:
    """Key encryption that only writes down what it was given."""

    contexts: list[bytes] = field(default_factory=list)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Write down the context, and give the key with its context before it."""
        self.contexts.append(context)
        return context + key

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Give the key back."""
        assert wrapped[: len(context)] == context
        return wrapped[len(context) :]

    def wrap_all(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Write down each."""
        return [self.wrap(key, context) for key, context in keys]

    def unwrap_all(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Give each back."""
        return [self.unwrap(one, context) for one, context in wrapped]


@dataclass
class Slow(MemoryKeyStore):
    """A key store that lets something happen between reading a row and giving it."""

    meanwhile: list[KeyCustody] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin empty."""
        super().__init__()

    def by_id(self, key_ids: Sequence[bytes]) -> list[WrappedKey]:
        """Give rows that are old by the time they arrive."""
        rows = super().by_id(key_ids)
        for custody in self.meanwhile:
            custody.forget()
        return rows

    def lose_all(self) -> None:
        """Lose every row."""
        self._rows = {}


def a_custody(store: MemoryKeyStore | FailingKeyStore | None = None) -> KeyCustody:
    """Give a custody over a store."""
    return KeyCustody(store or MemoryKeyStore(), ENCRYPTION)


def rows_of(store: MemoryKeyStore) -> list[WrappedKey]:
    """Give all rows of a store."""
    return list(store._rows.values())


def put(store: MemoryKeyStore, *rows: WrappedKey) -> None:
    """Write rows by hand, as somebody with the file could."""
    store._rows |= {row.tag: row for row in rows}


def test_keys_are_wrapped_and_found_byte_for_byte_as_documented() -> None:
    """A row is found by HMAC of what its key is for, and its wrapping is bound to all of it."""
    encryption, store = Spelling(), MemoryKeyStore()
    custody = KeyCustody(store, encryption)
    key = custody.keys_for([CHILD])[CHILD]
    index_key = store.index_key(bytes)[len(b"bhr-index-key/v1") :]
    tag = hmac.digest(index_key, b"havering\nsubject\npseudonym of a child", "sha256")
    assert custody.tag(CHILD) == tag
    context = b"bhr-data-key/v1\n" + tag + key.key_id + b"havering\nsubject"
    assert encryption.contexts == [b"bhr-index-key/v1", context]
    assert rows_of(store) == [
        WrappedKey(tag, key.key_id, context + key.secret, "havering", "subject")
    ]


def test_a_stream_s_column_is_a_tag_of_another_kind() -> None:
    """The tag in a ledger's column tells nothing of the row in the key store, and cannot be it."""
    store = MemoryKeyStore()
    custody = KeyCustody(store, Spelling())
    index_key = store.index_key(bytes)[len(b"bhr-index-key/v1") :]
    expected = hmac.digest(index_key, b"havering\nstream tag\nS", "sha256")[:16]
    assert custody.stream_tag("havering", "S") == expected
    assert custody.stream_tag("redbridge", "S") != expected
    assert custody.tag(KeyName("havering", "stream", "S"))[:16] != expected


def test_a_name_has_one_key_and_another_name_another() -> None:
    """The same key for the same ledger, class and name, in every process; else its own."""
    store = MemoryKeyStore()
    names = [CHILD, STREAM, CHILD._replace(ledger="redbridge"), CHILD._replace(key_class="stream")]
    first, second = a_custody(store), a_custody(store)
    made = first.keys_for(names)
    assert second.keys_for(reversed(names)) == made == first.keys_for(names)
    assert len({key.secret for key in made.values()}) == len({k.key_id for k in made.values()}) == 4
    assert {len(key.secret) for key in made.values()} == {32}
    assert second.keys([key.key_id for key in made.values()]) == {
        key.key_id: key for key in made.values()
    }


def test_missing_keys_are_made_in_one_transaction() -> None:
    """Whatever a commit lacks is stored once, before any of it is given out."""
    store = FailingKeyStore(MemoryKeyStore())
    custody = a_custody(store)
    custody.keys_for([CHILD])
    custody.keys_for([CHILD, STREAM, STREAM._replace(name="another")])
    custody.keys_for([CHILD, STREAM])
    assert store.plan.seen == ["find", "add", "find", "add"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_key_that_was_not_acknowledged_is_not_used(when: When) -> None:
    """When storing fails nothing is given; whatever stands in the store is given the next time."""
    inner = MemoryKeyStore()
    store = FailingKeyStore(inner)
    custody = a_custody(store)
    store.plan.fail("add", when)
    with pytest.raises(Broken):
        custody.keys_for([CHILD])
    assert not custody._by_tag
    key = custody.keys_for([CHILD])[CHILD]
    assert [row.key_id for row in rows_of(inner)] == [key.key_id]


def test_two_at_once_are_given_one_key() -> None:
    """Many threads of many processes that need a new key all come away with the same."""
    store = MemoryKeyStore()
    custodies = [a_custody(store) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda custody: custody.keys_for([CHILD])[CHILD], custodies * 4))
    assert len(set(found)) == len(rows_of(store)) == 1


@pytest.mark.parametrize("moved", ["tag", "key_id", "ledger", "key_class"])
def test_a_wrapped_key_opens_in_its_own_row_alone(moved: str) -> None:
    """A row whose tag, id, ledger or class is another row's does not open."""
    store = MemoryKeyStore()
    names = (CHILD, KeyName("redbridge", "stream", "other"))
    made = a_custody(store).keys_for(names)
    one, other = (store.find([a_custody(store).tag(name)])[0] for name in names)
    store._rows.clear()
    put(store, replace(one, **{moved: getattr(other, moved)}))
    with pytest.raises(NotOpened, match="wrapped key"):
        a_custody(store).held([row.key_id for row in rows_of(store)])
    assert made[CHILD].key_id == one.key_id


def test_two_wrapped_keys_cannot_be_exchanged() -> None:
    """What is wrapped in one row does not open in another, by tag or by id."""
    store = MemoryKeyStore()
    names = (CHILD, CHILD._replace(name="another child"))
    a_custody(store).keys_for(names)
    one, other = rows_of(store)
    put(store, replace(one, wrapped=other.wrapped), replace(other, wrapped=one.wrapped))
    for name in names:
        with pytest.raises(NotOpened):
            a_custody(store).keys_for([name])
    with pytest.raises(NotOpened):
        a_custody(store).key(one.key_id)


def test_a_destroyed_key_is_missing() -> None:
    """Asked for by id it raises; asked for as far as it is held, it is left out."""
    custody = a_custody()
    key = custody.keys_for([CHILD])[CHILD]
    for ids in ([bytes(32)], [key.key_id, bytes(32)]):
        with pytest.raises(KeyMissing):
            custody.keys(ids)
    assert custody.held([bytes(32), key.key_id, key.key_id]) == {key.key_id: key}
    assert custody.keys([key.key_id, key.key_id]) == {key.key_id: key}


def test_a_forgotten_key_is_asked_for_again() -> None:
    """After a fence moved nothing comes from memory, so a destroyed key is gone at once."""
    store = Slow()
    custody = a_custody(store)
    key = custody.keys_for([CHILD])[CHILD]
    store.lose_all()
    assert custody.held([key.key_id]) == {key.key_id: key}
    custody.forget()
    assert custody.held([key.key_id]) == {}
    assert custody.keys_for([CHILD])[CHILD] != key


def test_a_key_read_before_a_fence_is_not_remembered_after_it() -> None:
    """A reader who was under way when all was forgotten brings no destroyed key back."""
    store = Slow()
    key = a_custody(store).keys_for([CHILD])[CHILD]
    custody = a_custody(store)
    store.meanwhile.append(custody)
    assert custody.held([key.key_id]) == {key.key_id: key}
    store.lose_all()
    assert custody.keys_for([CHILD])[CHILD] != key


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the oldest keys go from memory, and are there all the same when asked."""
    monkeypatch.setattr(custody_module, "CACHED_KEYS_MAX", 3)
    custody = a_custody()
    names = [CHILD._replace(name=str(number)) for number in range(10)]
    made = custody.keys_for(names)
    assert len(custody._by_tag) == len(custody._by_id) == 3
    assert custody.keys_for(names) == made
    assert custody.keys([key.key_id for key in made.values()]) == {
        key.key_id: key for key in made.values()
    }
    assert len(custody._by_tag) == len(custody._by_id) == 3


def test_a_key_never_shows_itself() -> None:
    """A data key in a log or a traceback says that it is one, and nothing more."""
    assert repr(DataKey(b"id", b"secret")) == "DataKey(…)"
