"""Where health, readiness and metrics are asked for, and where alarms go: who may, what is said."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from adapters.telemetry.bearer import read_bearer
from adapters.telemetry.server import Answers, served
from adapters.telemetry.webhook import Webhook
from adapters.telemetry_settings import telemetry_settings
from domain.canonical import canonical
from domain.errors import HomeNotReady, Unavailable

TOKEN = "a-token-of-monitoring"


class Process:
    """A process, as it is asked about."""

    def __init__(self) -> None:
        """Begin well."""
        self.alive = True
        self.hindrances: Sequence[str] = ()
        self.away = False

    def answers(self) -> Answers:
        """Give what is answered."""
        return Answers(lambda: self.alive, self._hindrances, lambda: b"metrics")

    def _hindrances(self) -> Sequence[str]:
        if self.away:
            raise Unavailable("MARKER")
        return self.hindrances


def free() -> int:
    """Give a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def asked(process: Process, token: str | None = None) -> Iterator[httpx2.Client]:
    """Give a client at a process's telemetry."""
    port = free()
    with (
        served(("127.0.0.1", port), process.answers(), token),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        yield client


def test_health_readiness_and_metrics() -> None:
    """Each is answered for what it is, and nothing else is there."""
    process = Process()
    with asked(process) as client:
        paths = ("/healthz", "/readyz", "/metrics", "/", "/metrics?MARKER")
        assert [client.get(path).status_code for path in paths] == [200, 200, 200, 404, 404]
        assert client.get("/metrics").content == b"metrics"
        assert client.get("/readyz").content == b'{"hindrances":[],"ready":true}'
        process.hindrances = ("behind havering",)
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["hindrances"]) == (503, ["behind havering"])
        process.away = True
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["hindrances"]) == (503, ["Unavailable"])
        process.alive = False
        assert client.get("/healthz").status_code == 503
        assert client.post("/metrics").status_code == 501


def test_metrics_ask_for_their_token() -> None:
    """Where there is a token, all but life itself is for who shows it."""
    with asked(Process(), TOKEN) as client:
        assert client.get("/healthz").status_code == 200
        for given in ({}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}):
            assert client.get("/metrics", headers=given).status_code == 401
            assert client.get("/readyz", headers=given).status_code == 401
        right = {"authorization": f"Bearer {TOKEN}"}
        assert client.get("/metrics", headers=right).status_code == 200
        assert client.get("/readyz", headers=right).status_code == 200


def test_nobody_else_s_machine_may_ask_without_a_token() -> None:
    """An address that others can reach is refused without one, and one that is taken is named."""
    with pytest.raises(HomeNotReady, match="BHR_TELEMETRY_TOKEN_FILE"):
        served(("0.0.0.0", free()), Process().answers(), None).__enter__()
    with asked(Process()) as client:
        port = client.base_url.port
        assert port is not None
        with pytest.raises(HomeNotReady, match="can listen"):
            served(("127.0.0.1", port), Process().answers(), None).__enter__()


def test_a_token_is_its_owner_s_alone(tmp_path: Path) -> None:
    """One that others may read, that is short or missing is refused, and never shown."""
    path = tmp_path / "token"
    with pytest.raises(HomeNotReady, match="cannot be read"):
        read_bearer(path)
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o644)
    with pytest.raises(HomeNotReady, match="chmod 600"):
        read_bearer(path)
    path.chmod(0o600)
    assert read_bearer(path) == TOKEN
    path.write_text("MARKER")
    with pytest.raises(HomeNotReady) as refused:
        read_bearer(path)
    assert "MARKER" not in str(refused.value)


@pytest.mark.parametrize("given", ["9464", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", ":9464"])
def test_settings_that_are_no_address(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a port, or with one that is none, is refused."""
    monkeypatch.setenv("BHR_TELEMETRY", given)
    with pytest.raises(HomeNotReady, match="BHR_TELEMETRY"):
        telemetry_settings()


class _Inbox(BaseHTTPRequestHandler):
    taken: list[tuple[str | None, bytes]]
    status = 204

    def do_POST(self) -> None:
        """Take an alarm."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.taken.append((self.headers["authorization"], body))
        self.send_response(self.status)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def inbox(status: int = 204) -> Iterator[tuple[str, list[tuple[str | None, bytes]]]]:
    """Give an address that takes alarms, and what it was sent."""
    taken: list[tuple[str | None, bytes]] = []
    kind = type("Inbox", (_Inbox,), {"taken": taken, "status": status})
    with HTTPServer(("127.0.0.1", 0), kind) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/alarms", taken
        server.shutdown()
        thread.join()


def test_an_alarm_is_sent_with_its_token(tmp_path: Path) -> None:
    """The bytes arrive as they are, once, and with the token of the file."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    with inbox() as (address, taken):
        hook = Webhook(address, token)
        assert hook.tell(canonical({"alarm": "BhrViewsLag"}))
        hook.close()
    assert taken == [(f"Bearer {TOKEN}", b'{"alarm":"BhrViewsLag"}')]


@pytest.mark.parametrize("status", [302, 400, 500])
def test_an_alarm_that_was_not_taken_is_not_heard(status: int) -> None:
    """A refusal, a fault and a redirect are no answer, and none is followed."""
    with inbox(status) as (address, taken):
        hook = Webhook(address)
        assert not hook.tell(b"{}")
        hook.close()
    assert len(taken) == 1


def test_nobody_there_is_not_heard() -> None:
    """Where nobody listens nothing is raised, and an address over the open network is refused."""
    hook = Webhook(f"http://127.0.0.1:{free()}/alarms")
    assert not hook.tell(b"{}")
    hook.close()
    with pytest.raises(HomeNotReady, match="https"):
        Webhook("http://alarms.example/")
