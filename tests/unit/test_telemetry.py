"""What is sent and logged of a process, and the alerts: decided without a server."""

import ast
import json
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status, StatusCode

from operations.alerts import MEASURES, SERIES, Alert, concerning, load_alerts, series_in
from shared.kernel.services import SERVICES
from shared.telemetry import tracing
from shared.telemetry.cases import gathered_cases, note_case
from shared.telemetry.collector import FRESH_SECONDS, Collector
from shared.telemetry.logs import LibraryLines, without_messages
from shared.telemetry.measured import ALL, DEAD_LETTERS, OUTBOX_DEPTH, Measurement, as_json, from_json
from shared.telemetry.otlp import known
from shared.telemetry.requests import Requests
from shared.telemetry.statements import summary_of
from tools.telemetry import FOLDER, PANELS

ROOT = Path(__file__).resolve().parents[2]
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
PLANTED = "Ana Planted-Horvat"
ALERTS = {alert.name: alert for alert in load_alerts()}
RULES = FOLDER / "alerts.rules.yml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TRACE, TRACE),
        (None, None),
        ("", None),
        (f"{TRACE}\n", None),
        (TRACE.upper(), None),
        ("00-" + "0" * 32 + TRACE[35:], None),
        (PLANTED, None),
    ],
)
def test_only_a_traceparent_is_continued(text: str | None, expected: str | None) -> None:
    assert tracing.valid(text) == expected


def test_span_is_nothing_while_tracing_is_off() -> None:
    with tracing.span("a step", parent=TRACE) as span:
        span.describe("another name", {})
        assert tracing.traceparent() is None


def imports_at_start() -> Iterator[tuple[str, str]]:
    """Module of ours, and what of OpenTelemetry it imports when it is imported itself."""
    for path in (path for room in ("shared", "services", "portal", "operations", "deploy") for path in (ROOT / room).rglob("*.py")):
        text = path.read_text()
        for node in ast.parse(text).body if "telemetry" in text else ():
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                if name.startswith(("opentelemetry", "shared.telemetry.otlp", "temporalio.contrib.opentelemetry")):
                    yield str(path.relative_to(ROOT)), name


def test_sdk_is_imported_only_where_tracing_is_on() -> None:
    assert {path for path, _ in imports_at_start()} == {"shared/telemetry/otlp.py"}


def test_span_leaves_the_process_without_what_is_not_known() -> None:
    """A library that adds an attribute, an exception's message or a text of a status cannot send it."""
    span = ReadableSpan(
        "RunActivity:settle",
        attributes={"triptych.case": "an-id", "url.query": f"name={PLANTED}"},
        events=[Event("exception", {"exception.message": PLANTED})],
        status=Status(StatusCode.ERROR, PLANTED),
    )
    left = known(span)
    assert dict(left.attributes or {}) == {"triptych.case": "an-id"}
    assert (left.events, left.status.description, left.status.status_code) == ((), None, StatusCode.ERROR)


def _failed() -> RuntimeError:
    try:
        raise RuntimeError(PLANTED)
    except RuntimeError as error:
        return error


@pytest.mark.parametrize("message", [f"Task exception was never retrieved\n{PLANTED}", "failed: %s"])
def test_line_of_a_library_has_no_message_of_an_exception(message: str) -> None:
    error = _failed()
    args: tuple[Any, ...] = (error,) if "%" in message else ()
    record = logging.LogRecord("asyncio", logging.ERROR, "", 1, message, args, (RuntimeError, error, error.__traceback__))
    line = LibraryLines().format(record)
    assert PLANTED not in line
    assert json.loads(line)["error"] == "RuntimeError"
    assert "_failed" in json.loads(line)["places"][-1]


def test_line_of_ours_has_no_message_of_an_exception() -> None:
    line = without_messages(None, "", {"event": "a defect", "exc_info": _failed()})
    assert PLANTED not in str(line)
    assert line["error"] == "RuntimeError"


@pytest.mark.parametrize(
    ("statement", "summary"),
    [
        ("SELECT claims.id FROM claims WHERE claims.name = 'x'", "SELECT claims"),
        ("INSERT INTO outbox (event_id) SELECT 1", "INSERT outbox"),
        ("\n  UPDATE vouchers SET state = $1", "UPDATE"),
    ],
)
def test_summary_of_a_statement_has_no_value(statement: str, summary: str) -> None:
    assert summary_of(statement).startswith(summary)
    assert "x" not in summary_of(statement).split()


def test_cases_of_a_request_are_bounded() -> None:
    from shared.kernel.ids import new_id

    note_case(new_id())  # outside a request it is nobody's
    with gathered_cases() as found:
        for _ in range(50):
            note_case(new_id())
    assert len(found) == 20


def test_times_of_requests() -> None:
    requests = Requests()
    for milliseconds in range(100):
        requests.ended("GET", "/calls", 200 if milliseconds else 500, milliseconds / 1_000)
    values = {one.measure.name: one.value for one in requests.measurements()}
    assert values == {"triptych.requests": 100, "triptych.requests.failed": 1, "triptych.request.p50": 0.05, "triptych.request.p95": 0.095}


async def test_measurements_are_taken_at_most_every_few_seconds() -> None:
    """A source that fails costs only its own measurements."""
    now, asked = [0.0], []

    async def works() -> list[Measurement]:
        asked.append(1)
        return [Measurement(OUTBOX_DEPTH, 3)]

    async def fails() -> list[Measurement]:
        raise OSError

    collector = Collector([fails, works], lambda: now[0])
    for _ in range(3):
        assert await collector.take() == [Measurement(OUTBOX_DEPTH, 3)]
    now[0] += FRESH_SECONDS
    await collector.take()
    assert len(asked) == 2


def test_measurements_survive_their_way() -> None:
    one = Measurement(DEAD_LETTERS, 2.0)
    assert from_json([*as_json([one]), {"name": "of a later version", "value": 1, "labels": {}}]) == [one]


def firing() -> dict[str, Measurement]:
    """Alert → a value on which it fires, and by which it is not met any more when it is put right."""
    at = {
        alert.name: alert.above + 1 if alert.above is not None else (alert.below or 0) - 0.01 for alert in ALERTS.values() if alert.measure
    }
    return {name: Measurement(MEASURES[ALERTS[name].measure], value) for name, value in at.items()}


@pytest.mark.parametrize("name", firing())
def test_alert_concerns_a_value_beyond_its_number(name: str) -> None:
    alert, one = ALERTS[name], firing()[name]
    well = Measurement(one.measure, alert.above if alert.above is not None else alert.below or 0)
    assert concerning([alert], [one, well]) == [(alert, one)]


@pytest.mark.parametrize(
    "changed", [{"measure": "triptych.nothing"}, {"below": 1}, {"expression": "triptych_nothing > 1"}, {"above": None}]
)
def test_alert_about_nothing_is_refused(changed: dict[str, Any]) -> None:
    said = {"name": "A", "urgency": "page", "lasting": "1m", "means": "m", "steps": ["s"], "measure": "triptych.outbox.age", "above": 1}
    with pytest.raises(ValueError, match="A:"):
        Alert.model_validate(said | changed)


def test_rules_and_dashboard_name_series_that_exist() -> None:
    board = json.loads((FOLDER / "dashboards/triptych.json").read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for group in json.loads(RULES.read_text())["groups"] for rule in group["rules"]]
    assert len(expressions) == len(PANELS) + len(ALERTS)
    assert set().union(*(series_in(expression) for expression in expressions)) <= SERIES


def test_a_worker_of_each_service_is_missed() -> None:
    assert all(f'"triptych/{service}-worker"' in ALERTS["WorkerSilent"].promql for service in SERVICES)


def test_compose_file_of_observability_adds_what_watches() -> None:
    """Each of our processes reaches the collector, on a network without a way out. Nothing is published, what is added is in the profile,
    the files that it mounts exist."""
    added = yaml.safe_load((FOLDER / "compose.yml").read_text())
    ours = {name for name, each in yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].items() if _runs_ours(each)}
    watching = {name: each for name, each in added["services"].items() if "image" in each}
    assert {name for name, each in added["services"].items() if list(each["networks"]) == ["telemetry"]} == {*ours, *watching}
    assert added["networks"]["telemetry"] == {"internal": True}
    assert all(each["profiles"] == ["observability"] and "ports" not in each and each["cap_drop"] == ["ALL"] for each in watching.values())
    mounted = {volume.partition(":")[0] for each in watching.values() for volume in each.get("volumes", ()) if volume.startswith("./")}
    assert all((ROOT / path).exists() for path in mounted)
    for path in FOLDER.glob("*.yml"):
        assert yaml.safe_load(path.read_text())


def _runs_ours(container: dict[str, Any]) -> bool:
    return "TRIPTYCH_OTLP" in container.get("environment", {}) and "migrate" not in str(container.get("command"))


def test_names_and_units_are_of_opentelemetry() -> None:
    assert len({measure.name for measure in ALL}) == len({measure.prometheus for measure in ALL}) == len(ALL)
    assert all(measure.unit in ("s", "1") or measure.unit.startswith("{") for measure in ALL)


def _lasting(series: str, value: float) -> dict[str, str]:
    return {"series": series, "values": f"{value}x400"}


def _prometheus_fires(name: str, given: list[dict[str, str]]) -> dict[str, Any]:
    """A minute between two values; five where an alert waits for a day."""
    interval, after = ("5m", "25h") if ALERTS[name].lasting == "1d" else ("1m", "2h")
    expression = f'count(ALERTS{{alertname="{name}", alertstate="firing"}})'
    fires = {"expr": expression, "eval_time": after, "exp_samples": [{"labels": "{}", "value": 1}]}
    return {"interval": interval, "input_series": given, "promql_expr_test": [fires]}


OF_WORKERS = [_lasting(f'triptych_outbox_depth{{job="triptych/{service}-worker"}}', 0) for service in SERVICES if service != "people"]
"""Every worker but one sends its measurements."""
BY_EXPRESSION = {
    "RequestsFail": [
        {"series": 'triptych_requests_total{job="triptych/payments"}', "values": "0+100x130"},
        {"series": 'triptych_requests_failed_total{job="triptych/payments"}', "values": "0+5x130"},
    ],
    "RequestsSlow": [
        {"series": f'http_server_request_duration_seconds_bucket{{job="triptych/payments", le="{le}"}}', "values": f"0+{count}x130"}
        for le, count in (("1", 10), ("2.5", 100), ("+Inf", 100))
    ],
    "WorkerSilent": OF_WORKERS,
}


PROMTOOL = shutil.which("promtool", path=os.pathsep.join((os.defpath, "/usr/local/bin", str(ROOT / ".promtool"))))


@pytest.mark.skipif(PROMTOOL is None, reason="there is no promtool: make promtool")
def test_each_alert_fires_in_prometheus(tmp_path: Path) -> None:
    """Prometheus itself reads the rules and fires each on the state that is meant, and none on a platform that is well."""
    meant = {name: [_lasting(f'{one.measure.prometheus}{{job="triptych/x"}}', one.value)] for name, one in firing().items()} | BY_EXPRESSION
    tests = [_prometheus_fires(name, given) for name, given in meant.items()]
    by_number = [(MEASURES[alert.measure].prometheus, alert.above or alert.below or 0) for alert in ALERTS.values() if alert.measure]
    well = [_lasting(f'{series}{{job="triptych/x"}}', value) for series, value in by_number]
    well += [*OF_WORKERS, _lasting('triptych_outbox_depth{job="triptych/people-worker"}', 0)]
    silent = {"expr": "ALERTS", "eval_time": "2h", "exp_samples": []}
    tests.append({"interval": "1m", "input_series": well, "promql_expr_test": [silent]})
    file = tmp_path / "tests.yml"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "5m", "tests": tests}))
    assert set(ALERTS) == set(meant)
    run = subprocess.run([str(PROMTOOL), "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
