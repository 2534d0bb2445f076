"""A hub and a borough whose keys are kept elsewhere: made, opened, moved, and recovered."""

import json
from pathlib import Path

import pytest

from adapters.assembly import ceremonies
from adapters.assembly.audit import Opener, open_audit
from adapters.assembly.bringing_up import init_ledgers
from adapters.assembly.hub import open_hub
from adapters.assembly.rotating import rewrap
from adapters.custody_settings import Place
from adapters.keys.ceremony import public_half
from adapters.keys.sealed_file import open_sealed
from adapters.settings import BoroughHome, HubHome
from domain.errors import HomeNotReady, Unavailable
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary.hub import Canary
from services.custody import KeyName
from tests.key_servers import bao, token_place

PASSPHRASE = "the passphrase of a home"
OFFLINE = "the recovery of a home"
CHEAP = 2**10


@pytest.fixture
def recovery(tmp_path: Path) -> Path:
    """Give the public half of an offline recovery key."""
    path = tmp_path / "offline" / "recovery.json"
    ceremonies.make_recovery(path, OFFLINE, cost=CHEAP)
    return public_half(path)


def keep_at(home: HubHome | BoroughHome, place: Place | None) -> None:
    """Say in a home where its keys are to be kept from now on."""
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.custody.unlink(missing_ok=True)
    if place is not None:
        home.custody.write_text(place.model_dump_json())


def made_hub(folder: Path, recovery: Path, place: Place | None) -> HubHome:
    """Make a hub whose key-encryption key is kept in a place, and have it record something."""
    home = HubHome(folder / "hub")
    keep_at(home, place)
    ceremonies.make_hub(home, PASSPHRASE, recovery, cost=CHEAP)
    init_ledgers(home, PASSPHRASE)
    with open_hub(home, PASSPHRASE) as rooms:
        rooms.generations.live()
        facts = Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")
        rooms.events.append(PARTNERSHIP, rooms.events.made(Canary, facts))
    return home


def beats(home: HubHome) -> list[int]:
    """Open everything that is recorded, as an auditor with the passphrase; gives the beats."""
    with open_audit(Opener(home, PASSPHRASE)) as room:
        assert room.live is not None
        opened = (
            room.openings[PARTNERSHIP].event(entry).facts
            for entry in room.ledgers[PARTNERSHIP].read(0, 100)
        )
        return [one.beat for one in opened if isinstance(one, Canary.Facts)]


def test_a_hub_whose_key_never_was_here(tmp_path: Path, recovery: Path) -> None:
    """With the key in a service no file of the home holds it, and without the service it is shut.

    Recovery opens every other key file, and status says which key is not among them.
    """
    home = made_hub(tmp_path, recovery, bao().key("of-the-hub"))
    assert beats(home) == [1]
    with pytest.raises(HomeNotReady):
        open_sealed(
            home.key_file("key-encryption"), PASSPHRASE, purpose="key-encryption", owner="bhr"
        )
    assert ceremonies.kept_elsewhere(home) == ["key-encryption"]
    opened = ceremonies.rehearse(home, recovery.with_name("recovery.json"), OFFLINE)
    assert opened == ["checkpoint-signing", "hub-signing", "token-issuer"]
    assert ceremonies.never_rehearsed(home) == []
    file = home.key_file("key-encryption")
    said = json.loads(file.read_text())
    said["where"]["transit"]["address"] = "http://127.0.0.1:9"
    file.write_text(json.dumps(said))
    with pytest.raises(Unavailable, match="the key service"), open_hub(home, PASSPHRASE):
        pass


@pytest.mark.softhsm
def test_a_hub_s_key_moves(tmp_path: Path, recovery: Path) -> None:
    """From its file to a service, to a token and back to a file: everything opens each time.

    Also to a process that had the hub open before, and has it open after.
    """
    home = made_hub(tmp_path, recovery, None)
    with open_hub(home, PASSPHRASE) as running:
        for number, place in enumerate((bao().key("moved-to"), token_place("moved-to"), None)):
            keep_at(home, place)
            done = rewrap(home, PASSPHRASE, recovery, "due", cost=CHEAP)
            assert (done.rows > 1, done.shut) == (True, 0)
            assert beats(home) == [1]
            made = running.custody.keys_for([KeyName(PARTNERSHIP, "stream", str(number))])
            running.custody.forget()
            assert running.custody.keys_for(made) == made
    assert len(ceremonies.kept_elsewhere(home)) == 2
    assert all(one.startswith("former/") for one in ceremonies.kept_elsewhere(home))


def test_rewrapping_waits_for_the_service(tmp_path: Path, recovery: Path) -> None:
    """Where the service is not there, nothing is begun, and the hub goes on as it was."""
    home = made_hub(tmp_path, recovery, None)
    keep_at(home, Place(transit=bao().place("never-made")))
    with pytest.raises(HomeNotReady, match="no such key"):
        rewrap(home, PASSPHRASE, recovery, "due", cost=CHEAP)
    assert beats(home) == [1]


def test_a_borough_s_private_keys(tmp_path: Path, recovery: Path) -> None:
    """A borough's key files say that they need its service, and open with it."""
    home = BoroughHome(tmp_path / "havering", "havering")
    keep_at(home, bao().key("of-a-borough"))
    ceremonies.make_borough(home, PASSPHRASE, recovery, cost=CHEAP)
    for purpose in ("recipient", "signing", "deciding", "tag"):
        assert "of-a-borough" in home.key_file(purpose).read_text()
    opened = ceremonies.rehearse(home, recovery.with_name("recovery.json"), OFFLINE)
    assert opened == ["deciding", "recipient", "signing", "tag"]
    home.public_keys.unlink()
    secret = open_sealed(
        home.key_file("recipient"), PASSPHRASE, purpose="recipient", owner="havering"
    )
    assert len(secret) == 96
