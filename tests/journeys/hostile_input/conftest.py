"""One served hub for all that is refused, and a watch over it for each test."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest

from adapters.http import problems
from domain.errors import HubError
from tests.http_rig import HttpRig, open_door
from tests.journeys.hostile_input.watching import Watch


@pytest.fixture(scope="module")
def door() -> Iterator[HttpRig]:
    """Give one served hub for all that is refused."""
    with open_door() as opened:
        yield opened


@pytest.fixture
def watch(
    door: HttpRig,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Watch:
    """Watch the hub: every logger at its most talkative, and every error on its way out."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, "httpx2")  # the tests' own client names what it asks for
    watch = Watch(door, caplog, capfd)
    translate = problems.problem_of

    def overheard(error: HubError) -> object:
        watch.raised.append("".join(traceback.format_exception(error)))
        return translate(error)

    monkeypatch.setattr(problems, "problem_of", overheard)
    return watch
