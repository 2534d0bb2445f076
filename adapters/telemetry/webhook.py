"""Where alarms are sent: an address of the operator's, by httpx2.

What is sent is an alarm as `services.alarms` has it. Redirects are not followed, nothing is taken
from the environment, and what is answered is looked at for its status alone.
"""

from __future__ import annotations

from pathlib import Path

import httpx2

from adapters.safe_address import safe_address
from adapters.telemetry.bearer import read_bearer
from domain.errors import HubError

TIMEOUT_S = 5.0


class Webhook:
    """Tells alarms to one address."""

    def __init__(self, address: str, token: Path | None = None) -> None:
        """Send to an address, with the bearer token of a file; raises HomeNotReady."""
        self._address = safe_address(address, "the alarms'")
        self._token = token
        self._client = httpx2.Client(
            trust_env=False, follow_redirects=False, timeout=httpx2.Timeout(TIMEOUT_S)
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def tell(self, alarm: bytes) -> bool:
        """Send an alarm; says whether it was taken."""
        headers = {"content-type": "application/json"}
        try:
            if self._token is not None:
                headers["authorization"] = f"Bearer {read_bearer(self._token)}"
            with self._client.stream(
                "POST", self._address, content=alarm, headers=headers
            ) as response:
                return response.is_success
        except (HubError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL):
            return False
