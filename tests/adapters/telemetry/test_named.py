"""Alert rules and dashboard name what is measured, and stand as they are made from the code."""

import json
import re
from pathlib import Path

import pytest
import yaml

from adapters.telemetry import alerts, dashboard
from adapters.telemetry.metrics import Metrics
from services.alarms import RULES
from services.intake_signs import COUNTED, STANDING, IntakeSigns
from services.vital_signs import FeedSigns, LedgerSigns, VitalSigns

OURS = re.compile(r"\b(?:bhr|process)_[a-z_]+")
SUFFIX = re.compile(r"_(?:bucket|count|sum)$")
LEDGER = LedgerSigns(
    name="havering",
    entries=1,
    behind=False,
    lag=0,
    lag_age_s=None,
    parked_streams=0,
    parked_entries=0,
    waiting=0,
    unpublished=0,
    checkpoint_age_s=1,
    cosignature_age_s=1,
    untold=0,
    untold_age_s=None,
    feeds=(FeedSigns("/participants/havering/a", 0, 1),),
)


@pytest.fixture(scope="module")
def measured() -> set[str]:
    """Give the name of everything that a hub at work shows."""
    metrics = Metrics()
    metrics.look_at(lambda: VitalSigns((LEDGER,), (), is_mirrored=True))
    metrics.look_at_intake(
        lambda: IntakeSigns(
            {("havering", "not-opened"): 1}, {"havering": 1}, ["havering"], ["havering"]
        )
    )
    metrics.count_turned_away(lambda: {"no-token": 1})
    with metrics.watch("commit", "havering", 1):
        pass
    with pytest.raises(ValueError, match="a fault"), metrics.watch("commit", "havering"):
        raise ValueError("a fault")
    lines = metrics.shown().decode().splitlines()
    return {
        name
        for line in lines
        if line and not line.startswith("#")
        for name in (re.split(r"[{ ]", line)[0], SUFFIX.sub("", re.split(r"[{ ]", line)[0]))
    }


def test_alerts_name_what_is_measured(measured: set[str]) -> None:
    """No alert waits for a metric that nothing gives."""
    named = {name for one in alerts.ALERTS for name in OURS.findall(one.expression)}
    assert named <= measured
    assert len(named) > len(RULES)


def test_the_dashboard_names_what_is_measured(measured: set[str]) -> None:
    """No panel stays empty for want of a metric."""
    named = {name for one in dashboard.PANELS for name in OURS.findall(one.expression)}
    assert named <= measured


def test_everything_measured_is_shown(measured: set[str]) -> None:
    """What is measured of a hub is in a panel or an alert: else nobody would look at it."""
    of_alerts = [one.expression for one in alerts.ALERTS]
    expressions = " ".join([*of_alerts, *(one.expression for one in dashboard.PANELS)])
    of_hub = {SUFFIX.sub("", one) for one in measured if one.startswith("bhr_")}
    of_hub = {one for one in of_hub if not one.endswith("_created")}
    assert {one for one in of_hub if one not in expressions} == set()


def test_files_are_as_they_are_made() -> None:
    """What Prometheus and Grafana are given is what the code says."""
    assert alerts.FILE.read_text(encoding="utf-8") == alerts.written()
    assert dashboard.FILE.read_text(encoding="utf-8") == dashboard.written()
    assert len(json.loads(dashboard.written())["panels"]) == len(dashboard.PANELS)


def test_every_rule_is_an_alert() -> None:
    """What leaves by the webhook stands in Prometheus under the same name, bound and time."""
    given = {(one.name, one.expression, one.for_s) for one in alerts.ALERTS}
    plain = [one for one in RULES if one.within_s is None]
    grown = [one for one in RULES if one.within_s is not None]
    assert {(r.alarm, f"{r.measure} > {r.above}", r.for_s) for r in plain} <= given
    assert {
        (r.alarm, f"increase({r.measure}_total[{r.within_s}s]) > {r.above}", r.for_s) for r in grown
    } <= given


def test_every_alert_about_intake_leaves_by_the_webhook() -> None:
    """Whoever has no Prometheus is told the same of queues: each such alert is a rule."""
    about = {one.name for one in alerts.ALERTS if "bhr_intake_" in one.expression}
    assert about == {one.alarm for one in RULES if one.measure.startswith("bhr_intake_")}
    assert len(about) == 3


def test_taking_in_is_in_the_dashboard() -> None:
    """How far behind queues are, which wait, and what became of messages each has a panel."""
    expressions = " ".join(one.expression for one in dashboard.PANELS)
    unseen = {one for one in (*COUNTED, *STANDING) if one not in expressions}
    assert unseen == {"bhr_intake_put_away"}  # its messages are shown by why they were


def test_a_count_is_there_before_the_first() -> None:
    """Nought was put away of a queue that another process has: Prometheus sees it grow to one."""
    metrics = Metrics()
    metrics.look_at_intake(lambda: IntakeSigns({}, {}, [], ["havering"]))
    assert 'bhr_intake_put_away_total{ledger="havering"} 0.0' in metrics.shown().decode()


def test_a_scrape_reads_nothing_before_there_is_a_hub() -> None:
    """A process that is starting shows what it measured itself, and no sign of a hub."""
    shown = Metrics().shown().decode()
    assert "process_resident_memory_bytes" in shown
    assert "bhr_ledger" not in shown


def test_the_file_says_how_processes_are_to_be_scraped() -> None:
    """The job that an alert and a panel ask for is written out, with every port there is."""
    text = alerts.written()
    said = next(line[1:] for line in text.splitlines() if "scrape_configs" in line)
    [scraped] = yaml.safe_load(said)["scrape_configs"]
    jobs = set(re.findall(r'job="(\w+)"', text + json.dumps(dashboard.written()).replace("\\", "")))
    assert jobs == {scraped["job_name"]}
    processes = (Path(__file__).parents[3] / "Procfile").read_text(encoding="utf-8")
    told = set(re.findall(r"BHR_TELEMETRY=(\S+)", processes))
    assert set(scraped["static_configs"][0]["targets"]) == told
