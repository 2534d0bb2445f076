"""Keys that are kept elsewhere: what is refused, what stands in the home, what is said of it."""

import threading
from pathlib import Path

import pytest

from adapters.custody_settings import Place, place_of
from adapters.keys.elsewhere import key_at, open_elsewhere, read_elsewhere, write_elsewhere
from adapters.keys.pkcs11_token import _logged_in
from adapters.keys.sealed_file import (
    KeyLabel,
    OpenedBy,
    open_sealed,
    open_with_recovery,
    write_sealed,
)
from domain.errors import HomeNotReady, HubError, NotOpened, Unavailable
from tests.adapters.keys.one_key_file import (
    CHEAP,
    CREATED,
    PASSPHRASE,
    RECOVERY,
    RECOVERY_PRIVATE,
    SECRET,
)
from tests.key_servers import Bao, bao, token_place

KEY = bytes(range(32))


@pytest.fixture
def server() -> Bao:
    """Give this process's server of keys."""
    return bao()


def written(path: Path, place: Place) -> Path:
    """Write where the hub's key-encryption key is kept."""
    write_elsewhere(path / "key-encryption.json", "bhr", place)
    return path / "key-encryption.json"


def moved(place: Place, **changes: str) -> Place:
    """Give a place with something else about it."""
    assert place.transit is not None
    return Place(transit=place.transit.model_copy(update=changes))


def test_a_key_elsewhere_is_known_again(tmp_path: Path, server: Bao) -> None:
    """What was wrapped when the file was made opens by the key that the file names."""
    folder = tmp_path / "keys"
    path = written(folder, server.key("known"))
    file = read_elsewhere(path)
    assert file is not None
    wrapped = key_at(file.where).wrap(KEY, b"row")
    assert open_elsewhere(file, "bhr").unwrap(wrapped, b"row") == KEY
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(HomeNotReady, match="another body"):
        open_elsewhere(file, "havering")


def test_another_key_in_its_place_is_refused(tmp_path: Path, server: Bao) -> None:
    """Where another key stands under the name, nothing is wrapped or unwrapped with it."""
    file = read_elsewhere(written(tmp_path / "keys", server.key("first")))
    assert file is not None
    there = file.model_copy(update={"where": server.key("second")})
    with pytest.raises(HomeNotReady, match="another key stands"):
        open_elsewhere(there, "bhr")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"exportable": True}, "taken out"),
        ({"allow_plaintext_backup": True, "exportable": True}, "taken out"),
        ({"type": "chacha20-poly1305"}, "aes256-gcm96"),
        ({"derived": True}, "aes256-gcm96"),
    ],
)
def test_a_weak_key_is_refused(
    tmp_path: Path, server: Bao, said: dict[str, object], expected: str
) -> None:
    """A key that could leave the service, or is of another kind, is never put in use."""
    name = f"weak-{'-'.join(said)}"
    with pytest.raises(HomeNotReady, match=expected):
        written(tmp_path / "keys", server.key(name, **said))
    assert not (tmp_path / "keys").exists()


def test_a_key_that_is_not_there_is_never_made_by_asking(tmp_path: Path, server: Bao) -> None:
    """A misspelt name is refused; the service is not led to make a key of that name."""
    for _ in range(2):
        with pytest.raises(HomeNotReady, match="no such key"):
            written(tmp_path / "keys", Place(transit=server.place("misspelt")))


def test_a_service_that_does_not_answer_is_waited_for(server: Bao) -> None:
    """No server, a token that is refused and a strange answer are Unavailable, and show nothing."""
    place = server.key("quiet")
    marked = Place(transit=server.place("quiet", token="MARKER-of-a-token"))
    for one in (
        moved(place, address="http://127.0.0.1:9"),
        moved(place, mount="elsewhere"),
        marked,
    ):
        key = key_at(one)
        with pytest.raises(Unavailable) as refused:
            key.wrap(KEY, b"row")
        assert refused.value.what == "the key service"
        assert refused.value.__cause__ is None
        assert "MARKER" not in f"{refused.value!r}{key!r}{one!r}{file_of(one)!r}"


def file_of(place: Place) -> object:
    """Give what opens a key file, as a debugger would show it."""
    return OpenedBy("MARKER of a passphrase", None, place=place)


def test_a_token_that_others_may_read_is_refused(server: Bao) -> None:
    """The file with the token is its owner's alone, or nothing is asked with it."""
    place = server.key("open")
    assert place.transit is not None
    token = server.folder / "open-to-all"
    token.write_text("a-token")
    token.chmod(0o644)
    with pytest.raises(HomeNotReady, match="chmod 600"):
        key_at(moved(place, token=str(token))).wrap(KEY, b"row")
    token.chmod(0o600)
    token.write_text("not\na token")
    with pytest.raises(HomeNotReady, match="holds no token"):
        key_at(moved(place, token=str(token))).wrap(KEY, b"row")


def test_the_open_network_is_refused(server: Bao) -> None:
    """A token never goes over plain HTTP to another machine."""
    with pytest.raises(HomeNotReady, match="must be https"):
        key_at(moved(server.key("far"), address="http://keys.example"))


def test_a_key_is_turned_under_load(server: Bao) -> None:
    """While the service turns its key again and again, everything that was wrapped opens."""
    key = key_at(server.key("turning"))
    done = threading.Event()
    wrapped: list[tuple[bytes, bytes]] = []

    def load() -> None:
        while not done.is_set():
            context = b"row %d" % len(wrapped)
            wrapped.append((key.wrap(KEY, context), context))

    worker = threading.Thread(target=load)
    worker.start()
    for _ in range(20):
        server.ask("POST", "transit/keys/turning/rotate")
    done.set()
    worker.join()
    assert key.unwrap_all(wrapped) == [KEY] * len(wrapped)
    assert len({one[:4] for one, _ in wrapped}) > 1
    server.ask("POST", "transit/keys/turning/config", min_decryption_version=21)
    assert key.unwrap_all(wrapped[:1]) == [None]


@pytest.mark.softhsm
def test_a_token_keeps_its_key(tmp_path: Path) -> None:
    """A key that could be taken out of the token is refused; one that could not is put in use."""
    with pytest.raises(HomeNotReady, match="taken out"):
        written(tmp_path / "keys", token_place("loose", extractable=True))
    assert written(tmp_path / "keys", token_place("fast")).exists()


def log_out() -> None:
    """End this process's session with the token, as a token that is pulled out would."""
    found = token_place("served").pkcs11
    assert found is not None
    _logged_in(found.module, found.label).drop()


@pytest.mark.softhsm
def test_a_token_that_was_away_is_asked_again() -> None:
    """What was wrapped before a token was pulled out opens after it was put back."""
    key = key_at(token_place("served"))
    wrapped = key.wrap(KEY, b"row")
    log_out()
    assert key.unwrap(wrapped, b"row") == KEY


@pytest.mark.softhsm
@pytest.mark.parametrize(
    ("changes", "expected", "kind"),
    [
        ({"key": "no-such-key"}, "no such key or token", HomeNotReady),
        ({"label": "no-such-token"}, "no such key or token", HomeNotReady),
        ({"module": "/nowhere/library.so"}, "the key token", Unavailable),
        ({"pin": "wrong"}, "refuses the PIN", HomeNotReady),
    ],
)
def test_a_token_that_does_not_serve(
    tmp_path: Path, changes: dict[str, str], expected: str, kind: type[HubError]
) -> None:
    """What is missing is said in our own words, and a PIN is never shown."""
    found = token_place("served").pkcs11
    assert found is not None
    pin = tmp_path / "wrong"
    pin.write_text("MARKER")
    pin.chmod(0o600)
    given = changes | ({"pin": str(pin)} if "pin" in changes else {})
    log_out()
    key = key_at(Place(pkcs11=found.model_copy(update=given)))
    with pytest.raises(kind, match=expected) as refused:
        key.wrap(KEY, b"row")
    assert "MARKER" not in repr(refused.value)


def test_a_key_file_opens_by_both(tmp_path: Path, server: Bao) -> None:
    """A body's private key opens by its passphrase and its service together, or by recovery."""
    path = tmp_path / "keys" / "signing.json"
    place = server.key("of-havering")
    opened_by = OpenedBy(PASSPHRASE, RECOVERY, CHEAP, place)
    write_sealed(path, SECRET, label=KeyLabel("signing", "havering", CREATED), opened_by=opened_by)
    assert open_sealed(path, PASSPHRASE, purpose="signing", owner="havering") == SECRET
    assert open_with_recovery(path, RECOVERY_PRIVATE) == SECRET
    with pytest.raises(NotOpened):
        open_sealed(path, "another passphrase", purpose="signing", owner="havering")
    written_there = path.read_text()
    path.write_text(written_there.replace('"key": "of-havering"', '"key": "first"'))
    with pytest.raises(NotOpened):
        open_sealed(path, PASSPHRASE, purpose="signing", owner="havering")
    assert place.transit is not None
    path.write_text(written_there.replace(place.transit.address, "http://127.0.0.1:9"))
    with pytest.raises(Unavailable):
        open_sealed(path, PASSPHRASE, purpose="signing", owner="havering")


def test_a_key_file_cannot_be_talked_out_of_its_service(tmp_path: Path, server: Bao) -> None:
    """A file that no longer says that a service is needed does not open by the passphrase alone."""
    path = tmp_path / "keys" / "signing.json"
    opened_by = OpenedBy(PASSPHRASE, RECOVERY, CHEAP, server.key("stripped"))
    write_sealed(path, SECRET, label=KeyLabel("signing", "havering", CREATED), opened_by=opened_by)
    lines = path.read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if '"custody"' in line)
    end = next(at for at, line in enumerate(lines) if at > start and line == "  },")
    path.write_text("\n".join(lines[:start] + lines[end + 1 :]))
    with pytest.raises(NotOpened):
        open_sealed(path, PASSPHRASE, purpose="signing", owner="havering")


@pytest.mark.parametrize(
    "said", ["{}", "[]", '{"transit": {}}', '{"pkcs11": null}', "no document", '{"vault": {}}']
)
def test_settings_that_say_nothing_are_refused(tmp_path: Path, said: str) -> None:
    """A `custody.json` that names no place, or two, is never taken for none."""
    file = tmp_path / "custody.json"
    assert place_of(file) is None
    file.write_text(said)
    with pytest.raises(HomeNotReady, match="does not say"):
        place_of(file)
