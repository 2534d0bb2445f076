"""What every test runs under: how hypothesis looks for counter-examples, and what is left out."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import kafka_server
from tests.key_servers import no_token, no_token_for
from tests.postgres_server import Server, missing, missing_for, own_server
from tests.small_disk import none_can_be_had, none_for

# No deadlines: two shared cores make slow examples a matter of luck. In CI the same examples every
# time, so that a red run can be repeated; at home new ones, so that more is found.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "home"))

NONE_LEFT_OUT = "BHR_TEST_ALL"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server of a module's own, which may be stopped and whose files be searched."""
    server = own_server()
    yield server
    server.remove()


def pytest_configure() -> None:
    """Refuse to run without what a test needs, where none may be left out."""
    if os.environ.get(NONE_LEFT_OUT) and (
        why := missing(own=True) or kafka_server.missing(own=True) or no_token()
    ):
        raise pytest.UsageError(f"no test may be left out here, but {why}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a server that this machine has not."""
    if left_out := [item for item in items if _lacks(item)]:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _lacks(item)]


def _lacks(item: pytest.Item) -> bool:
    return bool(
        missing_for(item) or kafka_server.missing_for(item) or no_token_for(item) or none_for(item)
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests are left out here, and why."""
    if why := missing(own=True):
        which = "all" if missing() else "some"
        line = f"{which} tests over PostgreSQL (-m postgres) are left out: {why}"
        terminalreporter.write_line(line, yellow=True)
    if why := kafka_server.missing(own=True):
        which = "all" if kafka_server.missing() else "some"
        line = f"{which} tests over Kafka (-m kafka) are left out: {why}"
        terminalreporter.write_line(line, yellow=True)
    if why := no_token():
        line = f"all tests over a key token (-m softhsm) are left out: {why}"
        terminalreporter.write_line(line, yellow=True)
    if why := none_can_be_had():
        line = f"all tests over a disk that is full (-m small_disk) are left out: {why}"
        terminalreporter.write_line(line, yellow=True)
