"""What `triptych status` shows of the measurements: of each process, with those that an operator looks at."""

import json
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from operations.alerts import Alert, concerning, load_alerts
from operations.cli.console import echo
from operations.status import measured_by
from shared.kernel.money import Money
from shared.telemetry.measured import Measurement, as_json

Measured = Mapping[str, list[Measurement] | None]
_SECONDS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def addresses_of(given: Iterable[str]) -> dict[str, str]:
    """Of `NAME=ADDRESS`. ValueError for another text."""
    pairs = [text.partition("=") for text in given]
    if any(not name or not address.startswith(("http://", "https://")) for name, _, address in pairs):
        raise ValueError("--process NAME=ADDRESS, such as payments-worker=http://payments-worker:8000")
    return {name: address for name, _, address in pairs}


def show_measured(processes: Mapping[str, str], console: Console) -> bool:
    """A table, and what each alert means. False when a process does not answer."""
    measured = measured_by(processes)
    marked = _marked(measured)
    table = Table("process", "measure", "of", "value", "alert")
    for process, found in measured.items():
        if found is None:
            table.add_row(process, Text("does not answer", "red"))
        for one in found or ():
            alert = marked.get((process, id(one)))
            value = Text(_shown(one), "red" if alert else "")
            labels = ", ".join(text for name, text in one.labels.items() if name != "currency")
            table.add_row(process, one.measure.name.removeprefix("triptych."), labels, value, alert.name if alert else "")
    console.print(table)
    for alert in {alert.name: alert for alert in marked.values()}.values():
        console.print(f"{alert.name}: {alert.means} docs/operations/alerts.md#{alert.name.lower()}", highlight=False, soft_wrap=True)
    return all(found is not None for found in measured.values())


def echo_measured(processes: Mapping[str, str], states: Mapping[str, str]) -> bool:
    """The same as JSON: process → state, measurements (null where there are none), names of alerts."""
    measured = measured_by(processes)
    marked = _marked(measured)
    rows = {
        process: {
            "state": states.get(process),
            "measurements": None if found is None else as_json(found),
            "alerts": sorted({alert.name for (name, _), alert in marked.items() if name == process}),
        }
        for process, found in {**dict.fromkeys(states), **measured}.items()
    }
    echo(json.dumps(rows, indent=2))
    return all(found is not None for found in measured.values())


def _marked(measured: Measured) -> dict[tuple[str, int], Alert]:
    alerts = load_alerts()
    return {(process, id(one)): alert for process, found in measured.items() for alert, one in concerning(alerts, found or ())}


def _shown(one: Measurement) -> str:
    if one.measure.unit == "s":
        return next((f"{one.value / size:.1f} {unit}" for size, unit in _SECONDS if one.value >= size), f"{one.value:.3g} s")
    if one.measure.unit == "{bp}":
        return f"{one.value / 100:.1f} %"
    if "currency" in one.labels:
        return str(Money(int(one.value), one.labels["currency"]))
    return f"{one.value:,.0f}"
