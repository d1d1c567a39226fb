"""`python -m tools.telemetry [--check]`: of operations/alerts.toml and the list of measures, the rules for Prometheus, the dashboard for
Grafana, and docs/operations/alerts.md."""

import json
import sys
from collections.abc import Iterator

from operations.alerts import Alert, load_alerts
from shared.telemetry.measured import (
    ALL,
    CONSUMER_LAG,
    DEAD_LETTERS,
    ENVELOPE_SHARE,
    LINES_UNMATCHED,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    PARKED,
    PAYMENTS_UNKNOWN,
    PAYMENTS_UNKNOWN_AGE,
    REQUESTS,
    REQUESTS_FAILED,
    WORKFLOW_BACKLOG,
    WORKFLOW_BACKLOG_AGE,
    Measure,
)
from tools.written import NOTE, ROOT, write_or_check

FOLDER = ROOT / "deploy/compose/observability"
PAGE = ROOT / "docs/operations/alerts.md"
_RATE = "sum by (job) (rate({}[5m]))"
_QUANTILE = "histogram_quantile({}, sum by (job, le) (rate(http_server_request_duration_seconds_bucket[5m])))"
PANELS: tuple[tuple[str, str, str], ...] = (
    ("Requests a second", _RATE.format(REQUESTS.prometheus), "reqps"),
    ("Requests answered with 500 or more, a second", _RATE.format(REQUESTS_FAILED.prometheus), "reqps"),
    ("Request time, half of them", _QUANTILE.format(0.5), "s"),
    ("Request time, 95 of 100", _QUANTILE.format(0.95), "s"),
    *(
        (f"{measure.says[0].upper()}{measure.says[1:]}", f"max by ({', '.join(('job', *measure.labels))}) ({measure.prometheus})", unit)
        for measure, unit in (
            (OUTBOX_DEPTH, "short"),
            (OUTBOX_AGE, "s"),
            (CONSUMER_LAG, "short"),
            (PARKED, "short"),
            (DEAD_LETTERS, "short"),
            (WORKFLOW_BACKLOG, "short"),
            (WORKFLOW_BACKLOG_AGE, "s"),
            (PAYMENTS_UNKNOWN, "short"),
            (PAYMENTS_UNKNOWN_AGE, "s"),
            (LINES_UNMATCHED, "short"),
            (ENVELOPE_SHARE, "short"),
        )
    ),
)
"""Title, expression, unit of Grafana."""
INTRODUCTION = """\
Each alert with what it means and what to do, in this order. `page`: somebody acts now, also at night; `ticket`: on the next working day.
The numbers are in `operations/alerts.toml`: change them there, then `make docs`. `triptych status` marks the same values in a terminal,
without waiting for them to last. How measurements and traces are turned on: [telemetry](telemetry.md).
"""


def rules(alerts: tuple[Alert, ...]) -> str:
    """The file of rules of Prometheus. JSON is YAML: no writer of YAML is needed."""
    group = {"name": "triptych", "rules": [_rule(alert) for alert in alerts]}
    return json.dumps({"groups": [group]}, indent=2, ensure_ascii=False) + "\n"


def _rule(alert: Alert) -> dict[str, object]:
    annotations = {"summary": alert.means, "runbook": f"docs/operations/alerts.md#{alert.name.lower()}"}
    return {
        "alert": alert.name, "expr": alert.promql, "for": alert.lasting, "labels": {"severity": alert.urgency}, "annotations": annotations,
    }  # fmt: skip


def dashboard() -> str:
    panels = [_panel(number, *panel) for number, panel in enumerate(PANELS)]
    board = {
        "uid": "triptych", "title": "Triptych", "schemaVersion": 39, "refresh": "30s", "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser", "editable": False, "panels": panels,
    }  # fmt: skip
    return json.dumps(board, indent=2, ensure_ascii=False) + "\n"


def _panel(number: int, title: str, expression: str, unit: str) -> dict[str, object]:
    place = {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)}
    return {
        "id": number + 1, "type": "timeseries", "title": title, "gridPos": place,
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "expr": expression}],
    }  # fmt: skip


def page(alerts: tuple[Alert, ...]) -> str:
    return "\n".join([NOTE, "", "# Alerts", "", INTRODUCTION, *_contents(alerts), "", *_sections(alerts), *_measures(ALL)]) + "\n"


def _contents(alerts: tuple[Alert, ...]) -> Iterator[str]:
    yield " · ".join(f"[{alert.name}](#{alert.name.lower()})" for alert in alerts)


def _sections(alerts: tuple[Alert, ...]) -> Iterator[str]:
    for alert in alerts:
        yield from (f"## {alert.name}", "", f"{alert.means} **{alert.urgency}**, when `{_short(alert.promql)}` lasts {alert.lasting}.", "")
        yield from (f"{number}. {step}" for number, step in enumerate(alert.steps, start=1))
        yield ""


def _short(promql: str) -> str:
    first, _, more = promql.partition(" or ")
    return f"{first} or …" if more else first


def _measures(measures: tuple[Measure, ...]) -> Iterator[str]:
    yield from ("## What is measured", "", "| OpenTelemetry | Prometheus | labels | what |", "|---|---|---|---|")
    for measure in measures:
        yield f"| `{measure.name}` | `{measure.prometheus}` | {', '.join(measure.labels)} | {measure.says} |"


def main() -> int:
    alerts = load_alerts()
    documents = {FOLDER / "alerts.rules.yml": rules(alerts), FOLDER / "dashboards/triptych.json": dashboard(), PAGE: page(alerts)}
    return write_or_check(documents, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
