"""The dashboard that Grafana is given: what is measured, row by row.

`dashboard.json` is made from this, and a test holds it to it: `python -m
adapters.telemetry.dashboard`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from domain.canonical import JsonValue

FILE = Path(__file__).with_name("dashboard.json")
_COLUMNS, _WIDE, _HIGH = 3, 8, 8


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: what it shows, of which the legend names what each line is of."""

    title: str
    expression: str
    legend: str
    unit: str = "short"


PANELS: tuple[Panel, ...] = (
    Panel("Entries not folded", "bhr_views_lag_entries", "{{ledger}}"),
    Panel("Age of the first entry not folded", "bhr_views_lag_seconds", "{{ledger}}", "s"),
    Panel("Streams not folded", "bhr_views_parked_streams", "{{ledger}}"),
    Panel("Entries not folded since their stream is not", "bhr_views_parked_entries", "{{ledger}}"),
    Panel("Corrections without their target", "bhr_views_waiting", "{{ledger}}"),
    Panel("Missing numbers", "bhr_feed_missing_numbers", "{{ledger}} {{source}}"),
    Panel("Age of canaries", "bhr_feed_canary_age_seconds", "{{ledger}} {{source}}", "s"),
    Panel("Entries in no published checkpoint", "bhr_checkpoint_unpublished_entries", "{{ledger}}"),
    Panel("Age of checkpoints", "bhr_checkpoint_age_seconds", "{{ledger}}", "s"),
    Panel("Age of cosignatures", "bhr_cosignature_age_seconds", "{{ledger}}", "s"),
    Panel("Entries a minute", "rate(bhr_ledger_entries[5m]) * 60", "{{ledger}}"),
    Panel(
        "Events in a commit, 95 in 100",
        "histogram_quantile(0.95, sum by (le, of)"
        ' (rate(bhr_work_events_bucket{work="commit"}[5m])))',
        "{{of}}",
    ),
    Panel(
        "Time of work, 99 in 100",
        "histogram_quantile(0.99, sum by (le, work) (rate(bhr_work_seconds_bucket[5m])))",
        "{{work}}",
        "s",
    ),
    Panel(
        "Refusals and faults a minute",
        "sum by (work, fault) (rate(bhr_work_faults_total[5m])) * 60",
        "{{work}} {{fault}}",
    ),
    Panel(
        "Callers turned away a minute",
        "sum by (reason) (rate(bhr_callers_turned_away_total[5m])) * 60",
        "{{reason}}",
    ),
    Panel("Entries that the outbox has not come to", "bhr_outbox_lag_entries", "{{ledger}}"),
    Panel("Age of the first of them", "bhr_outbox_lag_seconds", "{{ledger}}", "s"),
    Panel(
        "Messages told a minute",
        'rate(bhr_work_events_sum{work="tell"}[5m]) * 60',
        "{{of}}",
    ),
    Panel(
        "Since participants were last told",
        'time() - bhr_work_done_timestamp_seconds{work="tell"}',
        "{{of}}",
        "s",
    ),
    Panel("Messages of queues that are not taken yet", "bhr_intake_behind", "{{ledger}}"),
    Panel("Queues of which nothing can be taken", "bhr_intake_waits", "{{ledger}}"),
    Panel(
        "Messages taken a minute",
        'sum by (ledger) (rate(bhr_intake_messages_total{outcome="taken"}[5m])) * 60',
        "{{ledger}}",
    ),
    Panel(
        "Messages refused or put away, by why",
        'sum by (ledger, outcome) (bhr_intake_messages_total{outcome!="taken"})',
        "{{ledger}} {{outcome}}",
    ),
    Panel("Ledgers behind or unread", "bhr_ledger_behind or bhr_ledgers_unread", "{{ledger}}"),
    Panel("Key store without a mirror", "bhr_keys_unmirrored", "{{instance}}"),
    Panel("Processes", 'up{job="bhr"}', "{{instance}}"),
    Panel("Memory of processes", "process_resident_memory_bytes", "{{instance}}", "bytes"),
)


def written() -> str:
    """Give the file's text."""
    panels: list[JsonValue] = [_panel(at, one) for at, one in enumerate(PANELS)]
    document: JsonValue = {
        "editable": False,
        "panels": panels,
        "refresh": "30s",
        "schemaVersion": 39,
        "tags": ["bhr"],
        "time": {"from": "now-6h", "to": "now"},
        "title": "BHR safeguarding hub",
        "uid": "bhr-hub",
    }
    return json.dumps(document, indent=1) + "\n"


def _panel(at: int, one: Panel) -> JsonValue:
    row, column = divmod(at, _COLUMNS)
    return {
        "fieldConfig": {"defaults": {"min": 0, "unit": one.unit}, "overrides": []},
        "gridPos": {"h": _HIGH, "w": _WIDE, "x": column * _WIDE, "y": row * _HIGH},
        "id": at + 1,
        "targets": [{"expr": one.expression, "legendFormat": one.legend, "refId": "A"}],
        "title": one.title,
        "type": "timeseries",
    }


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"wrote {FILE.name}\n")
