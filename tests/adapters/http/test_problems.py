"""Every refusal is a problem document, whoever refuses; what nobody foresaw is one too."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Never, cast

import pytest
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from adapters.http.problems import FAULTS_TOLD_MAX, LastResort, problem, problem_of
from domain.errors import (
    AlreadyDifferent,
    ClockJumped,
    ClockWentBack,
    CommitmentDiffers,
    Fault,
    HomeNotReady,
    HubError,
    KeyMissing,
    NotAuthorised,
    NotFound,
    NotOpened,
    NotTrusted,
    RecordMalformed,
    StoredBytesDiffer,
    SubmissionRefused,
    Unavailable,
    Unforeseen,
)
from services.publishing import Publishing
from services.querying import Querying
from tests.http_rig import EVENTS, WHY, HttpRig, asked, problem_in

MARKER = "Marker-7c1d"


# --- our own errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotAuthorised("no-right"), 403, "no-right"),
        (NotAuthorised("token-expired"), 401, "token-expired"),
        (NotFound("part"), 404, "not-found"),
        (AlreadyDifferent("submission"), 409, "already-recorded-differently"),
        (KeyMissing("part 2"), 410, "not-opened"),
        (NotOpened("part 2"), 500, "not-as-recorded"),
        (RecordMalformed("leaf"), 500, "not-as-recorded"),
        (StoredBytesDiffer("part 2"), 500, "not-as-recorded"),
        (CommitmentDiffers("part 2"), 500, "not-as-recorded"),
        (Unavailable("the ledger"), 503, "not-available"),
        (Unforeseen("the ledger"), 500, "unexpected"),
        (ClockWentBack("the clock"), 503, "not-available"),
        (ClockJumped("the clock"), 503, "not-available"),
        (NotTrusted("a key"), 503, "not-ready"),
        (HomeNotReady("nothing registered"), 503, "not-ready"),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, HubError) else None,
)
def test_every_error_of_ours_has_its_status(
    door: HttpRig, error: HubError, status: int, code: str
) -> None:
    """Raised in reading or in publishing: one table decides, and its text stays inside."""
    failing = broken(door, error)
    headers = {**door.publishing, "content-type": "application/vnd.bhr.submission+json"}
    for answer in (
        failing.get("/v1/feeds", params=WHY, headers=door.reading),
        failing.post(EVENTS, content=b"{}", headers=headers),
    ):
        told = problem_in(answer, status, code)
        assert told.faults is None
        assert set(answer.json()) == {"status", "title", "type"}


def broken(door: HttpRig, error: Exception) -> TestClient:
    """Give a client at the door of a hub that fails with this, whatever it is asked."""
    failing = _Failing(error)
    return door.serve(
        lambda hub: replace(
            hub, publishing=cast("Publishing", failing), querying=cast("Querying", failing)
        )
    )


class _Failing:
    """A service that fails whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def submit(self, *_: object, **__: object) -> Never:
        raise self._error

    def feeds(self, *_: object) -> Never:
        raise self._error


@pytest.mark.parametrize(
    ("codes", "status", "code"),
    [
        (("not-json",), 400, "not-json"),
        (("not-utf-8",), 400, "not-json"),
        (("too-large",), 413, "too-large"),
        (("not-json", "missing"), 422, "submission-refused"),
        (("duplicate-key",), 422, "submission-refused"),
    ],
)
def test_what_is_wrong_with_a_whole_submission_decides_its_status(
    codes: tuple[str, ...], status: int, code: str
) -> None:
    """400 for what is no JSON at all, 413 for too much, 422 for everything else."""
    answer = problem_of(SubmissionRefused(tuple(Fault(-1, "", one) for one in codes)))
    assert (answer.status_code, f'"urn:bhr:problem:{code}"' in bytes(answer.body).decode()) == (
        status,
        True,
    )


def test_a_problem_tells_so_many_faults_and_no_more() -> None:
    """A batch in which everything is wrong is not answered with more than was sent."""
    faults = [Fault(at, "data", "missing") for at in range(FAULTS_TOLD_MAX + 1)]
    body = bytes(problem(422, "events-refused", faults=faults).body)
    assert body.count(b'"missing"') == FAULTS_TOLD_MAX


# --- the framework's own --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/", "/v1", "/v1/", "/v2/feeds", "/docs", "/redoc", "/openapi.json", "/metrics",
        "/v1/events/", "/v1/factors/", "/v1/themes", "/v1/themes/", "/v1/themes/a/b",
        "/V1/feeds", "//v1/feeds", "/v1//feeds", "/v1/feeds%2F", "/v1/feeds;x=1",
        "/v1/./feeds%00", "/%2e%2e/%2e%2e/etc/passwd", "/v1/participants/havering/keys/",
        "/v1/parts/havering", f"/{MARKER}", "/%f0%9f%92%a9", "/" + "a" * 8000,
    ],
)  # fmt: skip
def test_what_is_no_route_is_not_found(door: HttpRig, path: str) -> None:
    """404, with nothing of the path in it and no redirection to another."""
    for headers in ({}, door.reading):
        answer = door.client.get(path, params=WHY, headers=headers)
        problem_in(answer, 404, "not-found")
        assert MARKER not in answer.text


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (EVENTS, "POST"),
        ("/v1/factors", "GET"),
        ("/v1/themes/exploitation", "GET"),
        ("/v1/feeds", "GET"),
        ("/v1/parts/havering/x/2", "GET"),
        ("/v1/participants/havering/keys", "GET"),
    ],
)
def test_another_method_is_told_which_there_is(door: HttpRig, path: str, allowed: str) -> None:
    """405 with `Allow`, for every method that there is and some that there are not; no read."""
    sizes = door.rig.sizes()
    others = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", MARKER}
    for method in others - {allowed}:
        answer = door.client.request(method, path, params=WHY, headers=door.reading)
        problem_in(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == allowed
        assert MARKER not in answer.text
    head = door.client.head(path, params=WHY, headers=door.reading)
    assert (head.status_code, head.headers["allow"], head.content) == (405, allowed, b"")
    assert door.rig.sizes() == sizes


# --- what nobody foresaw --------------------------------------------------------------------------


class _Unforeseen(Exception):
    """What some library might raise, with a value in its text."""


def _raised() -> Exception:
    """Give an exception that shows a value wherever it is shown."""
    cause = ValueError(f"cause {MARKER}")
    error = _Unforeseen(f"text {MARKER}", {MARKER: MARKER})
    error.__cause__ = cause
    error.add_note(f"note {MARKER}")
    return ExceptionGroup(f"group {MARKER}", [error])


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Hear every logger, at its most talkative."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.parametrize("error", [_Unforeseen(MARKER), KeyError(MARKER), _raised()], ids=type)
def test_an_unforeseen_exception_is_answered_and_its_text_never_shown(
    door: HttpRig,
    error: Exception,
    heard: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """500 with a problem; the log names its class alone: its text may hold what was sent."""
    failing = broken(door, error)
    headers = {**door.publishing, "content-type": "application/vnd.bhr.submission+json"}
    for answer in (
        failing.get("/v1/feeds", params=WHY, headers=door.reading),
        failing.post(EVENTS, content=b"{}", headers=headers),
    ):
        problem_in(answer, 500, "unexpected")
        assert MARKER not in f"{answer.headers} {answer.text}"
    logged = [record for record in heard.records if record.name == "bhr.http"]
    assert [one.getMessage() for one in logged] == [
        f"unexpected-fault kind={type(error).__name__}"
    ] * 2
    assert MARKER not in heard.text
    assert MARKER not in "".join(capfd.readouterr())
    assert not any(record.exc_info or record.stack_info for record in heard.records)


@pytest.mark.parametrize("begun", [True, False])
def test_an_exception_after_the_answer_began_ends_here(
    door: HttpRig, heard: pytest.LogCaptureFixture, *, begun: bool
) -> None:
    """A second answer would be an error of the server's, which it logs with the first's text."""

    async def breaking(scope: Scope, receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise _Unforeseen(MARKER)

    answer = asked(door, iter(()), {}, app=LastResort(breaking))
    assert answer.status_code == (200 if begun else 500)
    assert MARKER not in answer.text + heard.text
