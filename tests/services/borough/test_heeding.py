"""Store and file of fences agree, wherever a process died and whoever else reads the store."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.errors import Unavailable
from tests.fakes_borough_store import MemoryBoroughStore
from tests.services.borough.boroughs import Borough, referral
from tests.services.borough.erasures import erased, returned
from tests.services.borough.fake_hub import FakeHub
from tests.services.borough.test_erasing_laws import copied


class Died(Exception):
    """The process is gone."""


class Dying(MemoryBoroughStore):
    """A store whose process dies before anything that takes back is committed."""

    dies = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the store."""
        with super().transaction():
            yield
            if self.dies and any(row.withdrawn_by for row in self.published.rows.values()):
                raise Died


class Read(MemoryBoroughStore):
    """A store that another process reads, when its journal is to be emptied."""

    readers = 0

    def scrub(self) -> bool:
        """Say whether nobody reads."""
        self.readers -= 1
        return self.readers < 0


def test_dying_before_it_is_taken_back_fences_nothing() -> None:
    """What was not withdrawn goes on being told; once it was, the file says so too."""
    store = Dying()
    borough = Borough(FakeHub(), store=store)
    (wrong,) = borough.client().publish([referral("C1")]).submissions
    borough.client().send()
    store.dies = True
    with pytest.raises(Died):
        borough.client().withdraw(wrong, "should-never-have-been-sent")
    store.dies = False
    assert borough.fences.kept() == frozenset()
    assert returned(borough, referral("C1", source_code="1A")) == {"corrected": 1}
    assert borough.client().withdraw(wrong, "should-never-have-been-sent") == 1
    assert len(borough.fences.kept()) == 1
    assert returned(borough, referral("C1", source_code="1B")) == {"erased": 1}


def test_nothing_goes_on_before_what_was_forgotten_is_gone() -> None:
    """An older store put back forgets the child first, and says so while its bytes cannot go."""
    borough = Borough(FakeHub())
    returned(borough, referral("C1"))
    assert isinstance(borough.store, MemoryBoroughStore)
    older = copied(borough.store)
    erased(borough)
    store = Read()
    vars(store).update(vars(older))
    store.readers = 2
    borough.store = store
    client = borough.client()
    for _ in range(2):
        with pytest.raises(Unavailable, match="journal"):
            client.publish([referral("C1")])
    assert client.publish([referral("C1")]).total("erased") == 1
