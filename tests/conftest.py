"""What every test runs under: how hypothesis looks for counter-examples, and what is left out."""

import os

import pytest
from hypothesis import settings

from tests import postgres_server

# No deadlines: two shared cores make slow examples a matter of luck. In CI the same examples every
# time, so that a red run can be repeated; at home new ones, so that more is found.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "home"))

NONE_LEFT_OUT = "BHR_TEST_ALL"
LEFT_OUT = pytest.StashKey[str]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a server that this machine has not; in CI, refuse to run without."""
    without = [(item, why) for item in items if (why := postgres_server.missing_for(item))]
    if not without:
        return
    why = without[0][1]
    if os.environ.get(NONE_LEFT_OUT):
        raise pytest.UsageError(f"no test may be left out here, but {why}")
    left = {item for item, _ in without}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]
    config.stash[LEFT_OUT] = f"{len(left)} tests over PostgreSQL are left out: {why}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were left out, and why."""
    if left_out := terminalreporter.config.stash.get(LEFT_OUT, None):
        terminalreporter.write_line(left_out, yellow=True)
