"""The door over HTTP: what goes over the wire, and that whatever comes back is an answer."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adapters.client.http_hub import ANSWER_BYTES_MAX, GZIP_ABOVE_BYTES, HttpHub, HubAddress
from domain.errors import HomeNotReady
from services.hub_door import HubAnswer

Reply = Callable[[BaseHTTPRequestHandler], None]


def plain(status: int = 200, body: bytes = b"{}", **headers: str) -> Reply:
    """Build a reply."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


@dataclass
class Server:
    """A server that replies as it is told, and keeps what it was asked."""

    port: int = 0
    reply: Reply = field(default_factory=plain)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    """Run a server on this machine."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Reply as the test says."""
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.asked.append((self.command, self.path, headers, body))
            state.reply(self)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        state.port = running.server_address[1]
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        running.shutdown()
        thread.join()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """Write a token that only its owner may read."""
    path = tmp_path / "token"
    path.write_text("eyJ.abc-_.d\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def door(server: Server, token: Path) -> Iterator[HttpHub]:
    """Open a door to the server."""
    with HttpHub(HubAddress(f"http://127.0.0.1:{server.port}/hub/"), token) as opened:
        yield opened


def test_a_small_submission_goes_as_it_is(server: Server, door: HttpHub) -> None:
    """The very bytes arrive, under our content type, with the token."""
    server.reply = plain(200, b"answer")
    assert door.submit(b'{"small":1}', atomic=False) == HubAnswer(200, b"answer")
    ((method, path, headers, body),) = server.asked
    assert (method, path, body) == ("POST", "/hub/v1/events", b'{"small":1}')
    assert headers["content-type"] == "application/vnd.bhr.submission+json"
    assert headers["authorization"] == "Bearer eyJ.abc-_.d"
    assert "content-encoding" not in headers


def test_a_large_submission_is_packed(server: Server, door: HttpHub) -> None:
    """Over 8 KiB the same bytes go as gzip, all or nothing when asked for."""
    document = b"x" * (GZIP_ABOVE_BYTES + 1)
    door.submit(document, atomic=True)
    ((_, path, headers, body),) = server.asked
    assert path == "/hub/v1/events?atomic=true"
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == document
    assert len(body) < len(document)


def test_the_same_submission_is_packed_alike(server: Server, door: HttpHub) -> None:
    """Sent again, the bytes on the wire are the same too: no time stands in them."""
    for _ in range(2):
        door.submit(b"x" * (GZIP_ABOVE_BYTES + 1), atomic=False)
    assert server.asked[0][3] == server.asked[1][3]


def test_questions_are_asked_with_their_query(server: Server, door: HttpHub) -> None:
    """A question carries its path, its query and the token."""
    door.get("/v1/parts/havering/x/2", (("agreement", "bhr-themes@1"), ("purpose", "case-work")))
    ((method, path, headers, _),) = server.asked
    assert (method, path) == (
        "GET",
        "/hub/v1/parts/havering/x/2?agreement=bhr-themes%401&purpose=case-work",
    )
    assert headers["authorization"].startswith("Bearer ")


def test_a_renewed_token_is_used_at_once(server: Server, door: HttpHub, token: Path) -> None:
    """Nobody has to restart a client for a new token."""
    door.get("/v1/x")
    token.write_text("renewed")
    door.get("/v1/x")
    assert [one[2]["authorization"] for one in server.asked] == [
        "Bearer eyJ.abc-_.d",
        "Bearer renewed",
    ]


@pytest.mark.parametrize("status", [200, 400, 401, 409, 422, 500, 503])
def test_every_status_is_an_answer(server: Server, door: HttpHub, status: int) -> None:
    """What the hub says is judged elsewhere: here it only comes through."""
    server.reply = plain(status, b"said")
    assert door.get("/v1/x") == HubAnswer(status, b"said")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("7", 7),
        ("0", 0),
        ("-1", None),
        ("1.5", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("9999999", None),
        ("²", None),
    ],
)
def test_when_to_come_back_is_heard(
    server: Server, door: HttpHub, said: str, heard: int | None
) -> None:
    """Seconds are taken from Retry-After, and nothing else is guessed at."""
    server.reply = plain(503, b"", retry_after=said.encode().decode("latin-1"))
    assert door.get("/v1/x").retry_after_s == heard


def test_redirects_are_not_followed(server: Server, door: HttpHub) -> None:
    """A token is not carried to wherever an answer points."""
    server.reply = plain(307, b"", location="http://127.0.0.1:1/elsewhere")
    assert door.submit(b"{}", atomic=False).status == 307
    assert len(server.asked) == 1


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Answer more than anybody wants."""
    handler.send_response(200)
    handler.send_header("content-length", str(10 * ANSWER_BYTES_MAX))
    handler.end_headers()
    with suppress(OSError):
        for _ in range(10):
            handler.wfile.write(bytes(ANSWER_BYTES_MAX))
    handler.close_connection = True


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than comes."""
    handler.send_response(200)
    handler.send_header("content-length", "100")
    handler.end_headers()
    handler.wfile.write(b"half")
    handler.close_connection = True


def garbage(handler: BaseHTTPRequestHandler) -> None:
    """Answer what is not HTTP."""
    handler.wfile.write(b"\x00\x01\x02 not http\r\n\r\n")
    handler.close_connection = True


def hung_up(handler: BaseHTTPRequestHandler) -> None:
    """Answer nothing."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


@pytest.mark.parametrize(
    "reply",
    [
        endless,
        cut_off,
        garbage,
        hung_up,
        plain(200, gzip.compress(b"packed"), content_encoding="gzip"),
    ],
    ids=["endless", "cut off", "garbage", "hung up", "packed"],
)
def test_a_broken_answer_is_none(
    server: Server, door: HttpHub, reply: Reply, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong on the way counts as no answer: the same bytes are sent again."""
    server.reply = reply
    assert door.submit(b"{}", atomic=False) == HubAnswer(0, b"")
    server.reply = plain(200, b"well")
    assert door.submit(b"{}", atomic=False) == HubAnswer(200, b"well")


def test_nobody_there_is_no_answer(token: Path) -> None:
    """A hub that cannot be reached has not answered."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with HttpHub(HubAddress(f"http://127.0.0.1:{port}"), token) as door:
        assert door.get("/v1/x") == HubAnswer(0, b"")


def test_the_environment_says_nothing(
    server: Server, token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that happens to be set for other programs is not shown our token."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with HttpHub(HubAddress(f"http://127.0.0.1:{server.port}"), token) as door:
        assert door.get("/v1/x").status == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text(""),
        lambda path: path.write_text("two words"),
        lambda path: path.write_bytes(b"\xff"),
        lambda path: path.write_text("x" * 20_000),
        lambda path: path.chmod(0o644),
    ],
    ids=["missing", "empty", "two words", "not text", "too long", "open to others"],
)
def test_a_token_that_is_no_good_is_said(
    server: Server, door: HttpHub, token: Path, spoil: Callable[[Path], object]
) -> None:
    """Without a good token nothing is sent, and the message names the file."""
    spoil(token)
    with pytest.raises(HomeNotReady, match="token"):
        door.submit(b"{}", atomic=False)
    assert server.asked == []
