"""The alerts that Prometheus is given: the rules of `services.alarms`, and what only it can see.

`alerts.yml` is made from this, and a test holds it to it: `python -m adapters.telemetry.alerts`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.alarms import RULES, Rule, Severity

JOB = "bhr"
"""As which job Prometheus is to scrape every process: by it one that is away is missed."""
PORTS = (9464, 9465, 9466, 9467, 9468)
"""Where those of the Procfile answer."""
FILE = Path(__file__).with_name("alerts.yml")


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as Prometheus reads it."""

    name: str
    expression: str
    for_s: int
    severity: Severity
    said: str


def expression_of(rule: Rule) -> str:
    """Give a rule's bound as Prometheus reads it."""
    if rule.within_s is None:
        return f"{rule.measure} > {rule.above}"
    return f"increase({rule.measure}_total[{rule.within_s}s]) > {rule.above}"


ALERTS: tuple[Alert, ...] = (
    *(Alert(r.alarm, expression_of(r), r.for_s, r.severity, r.said) for r in RULES),
    Alert("BhrProcessDown", f'up{{job="{JOB}"}} == 0', 60, "page", "a process of the hub is away"),
    Alert(
        "BhrCallersTurnedAway",
        "sum by (reason) (increase(bhr_callers_turned_away_total[15m])) > 100",
        0,
        "ticket",
        "many callers were turned away: a token that lapsed, or somebody who tries",
    ),
    Alert(
        "BhrWorkFails",
        "sum by (work, fault) (increase("
        'bhr_work_faults_total{fault!~".*Refused|NotAuthorised|NotFound"}[15m])) > 10',
        300,
        "ticket",
        "work ends in faults: the log of the process says at what",
    ),
    Alert(
        "BhrAnswersSlow",
        "histogram_quantile(0.99, sum by (le, work) ("
        'rate(bhr_work_seconds_bucket{work="answer"}[15m]))) > 3',
        900,
        "ticket",
        "one answer in a hundred takes longer than three seconds to be put together",
    ),
)


def written() -> str:
    """Give the file's text."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Made by `python -m adapters.telemetry.alerts`; the rules are in services/alarms.py."
    yield "# Have every process scraped as one job, here with the ports of the Procfile:"
    targets = ", ".join(f'"127.0.0.1:{port}"' for port in PORTS)
    yield f"#   scrape_configs: [{{job_name: {JOB}, static_configs: [{{targets: [{targets}]}}]}}]"
    yield "groups:"
    yield "  - name: bhr"
    yield "    rules:"
    for one in ALERTS:
        yield f"      - alert: {one.name}"
        yield f"        expr: '{one.expression}'"
        yield f"        for: {one.for_s}s"
        yield f"        labels: {{severity: {one.severity}}}"
        yield f'        annotations: {{summary: "{one.said}"}}'
    yield ""


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"wrote {FILE.name}\n")
