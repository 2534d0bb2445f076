"""Where a token may be sent: over TLS, or on this machine, and nowhere else."""

from pathlib import Path

import pytest

from adapters.client.http_hub import HttpHub, HubAddress
from domain.errors import HomeNotReady


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """Write a token that only its owner may read."""
    path = tmp_path / "token"
    path.write_text("eyJ.abc-_.d")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "url",
    [
        "http://hub.example.org",
        "http://10.0.0.7:8000",
        "ftp://127.0.0.1",
        "hub.example.org",
        "https://",
        "https://user:secret@hub.example.org",
        "https://hub.example.org/?token=secret",
        "https://hub.example.org:port",
        "https://[::1",
    ],
)
def test_a_token_does_not_go_over_an_open_network(url: str, token: Path) -> None:
    """Plain HTTP is for this machine; an address is a host and a path, and is not repeated."""
    with pytest.raises(HomeNotReady, match="the hub's address") as refusal:
        HttpHub(HubAddress(url), token)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["https://hub.example.org/bhr", "http://localhost:1", "http://[::1]:1"]
)
def test_https_and_this_machine_are_taken(url: str, token: Path) -> None:
    """A hub with TLS, or on this machine, can be spoken to."""
    with HttpHub(HubAddress(url), token):
        pass


def test_certificates_that_are_none_are_said(token: Path, tmp_path: Path) -> None:
    """A file of authorities that cannot be read is not passed over in silence."""
    for content in (None, "not a certificate"):
        path = tmp_path / "authorities.pem"
        if content is not None:
            path.write_text(content)
        with pytest.raises(HomeNotReady, match="no certificates"):
            HttpHub(HubAddress("https://hub.example.org", authorities=path), token)
