"""Real keepers of keys for the tests: an OpenBao server from its wheel, and a SoftHSM token.

Each is made once a process, when a test first wants it. The server keeps all in memory, and ends
with the test process, also when that is killed.
"""

import atexit
import os
import shutil
import socket
import subprocess
import sysconfig
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx2
import pkcs11
import pytest

from adapters.custody_settings import Place, TokenPlace, TransitPlace
from adapters.keys.pkcs11_token import _logged_in

ROOT_TOKEN = "root-of-tests"
MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
)
PIN = "12345678"
LABEL = "bhr-tests"


def no_token() -> str | None:
    """Say why no token can be had, where none can."""
    return None if _module() else "no SoftHSM is installed here (apt install softhsm2)"


def no_token_for(item: pytest.Item) -> str | None:
    """Say why a test cannot have the token that it is marked to need."""
    return no_token() if item.get_closest_marker("softhsm") else None


def _module() -> Path | None:
    return next((one for one in MODULES if one.exists()), None)


@dataclass(frozen=True)
class Bao:
    """A server that is running, and how tests set it up."""

    address: str
    folder: Path

    def ask(self, method: str, path: str, **said: object) -> None:
        """Do something as whoever may do everything."""
        with httpx2.Client(trust_env=False) as client:
            headers = {"x-vault-token": ROOT_TOKEN}
            url = f"{self.address}/v1/{path}"
            client.request(method, url, headers=headers, json=said).raise_for_status()

    def key(self, name: str, **said: object) -> Place:
        """Make a key and give its place."""
        self.ask("POST", f"transit/keys/{name}", **({"type": "aes256-gcm96"} | said))
        return Place(transit=self.place(name))

    def place(self, name: str, token: str = ROOT_TOKEN) -> TransitPlace:
        """Give the place of a key as whoever has a token finds it."""
        file = self.folder / f"token-{len(token)}"
        file.write_text(f"{token}\n")
        file.chmod(0o600)
        return TransitPlace(address=self.address, key=name, token=str(file))


@cache
def bao() -> Bao:
    """Give this process's server, started when first asked for."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    folder = Path(tempfile.mkdtemp(prefix="bhr-bao-"))
    program = Path(sysconfig.get_path("scripts")) / "bao"
    # Where Linux can, it is told to end when who started it does, however that ends.
    bound = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    command = [*bound, str(program), "server", "-dev", "-log-level=error"]
    options = [f"-dev-listen-address={host}", f"-dev-root-token-id={ROOT_TOKEN}"]
    server = subprocess.Popen(
        [*command, *options, "-dev-no-store-token"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
    )
    assert server.stdout is not None
    assert any(b"Development mode" in line for line in server.stdout), "the server does not come up"
    atexit.register(_end, server)
    found = Bao(f"http://{host}", folder)
    found.ask("POST", "sys/mounts/transit", type="transit")
    return found


def _end(server: subprocess.Popen[bytes]) -> None:
    server.kill()
    server.wait()
    assert server.stdout is not None
    server.stdout.close()


@cache
def token_place(key: str, *, extractable: bool = False) -> Place:
    """Make a key on this process's token; gives its place."""
    folder, module = _token(), str(_module())
    bound = {
        pkcs11.Attribute.EXTRACTABLE: extractable,
        pkcs11.Attribute.SENSITIVE: not extractable,
    }
    place = TokenPlace(key=key, label=LABEL, module=module, pin=str(folder / "pin"))
    # A process logs in to a token once: what is made here is made before it does, or in between.
    _logged_in(module, LABEL).drop()
    with pkcs11.lib(module).get_token(token_label=LABEL).open(rw=True, user_pin=PIN) as session:
        session.generate_key(pkcs11.KeyType.AES, 256, label=key, store=True, template=bound)
    return Place(pkcs11=place)


@cache
def _token() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bhr-token-"))
    (folder / "tokens").mkdir()
    (folder / "pin").write_text(f"{PIN}\n")
    (folder / "pin").chmod(0o600)
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    program = shutil.which("softhsm2-util")
    pins = ("--pin", PIN, "--so-pin", PIN)
    subprocess.run(
        [str(program), "--init-token", "--free", "--label", LABEL, *pins],
        check=True,
        capture_output=True,
    )
    return folder
