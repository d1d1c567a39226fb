"""The alerts of alerts.toml, and which of them measurements are about."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from shared.telemetry.measured import ALL, HISTOGRAM_SERIES, Measurement

MEASURES = {measure.name: measure for measure in ALL}
SERIES = frozenset({*(measure.prometheus for measure in ALL), *HISTOGRAM_SERIES})
"""All names of our series in Prometheus."""
_NAME = re.compile(r"\b(?:triptych|http_server)_\w+")


class Alert(BaseModel):
    """One alert, as alerts.toml describes it. ValueError for a measure or a series that does not exist."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    urgency: Literal["page", "ticket"]
    lasting: str
    means: str
    steps: tuple[str, ...]
    measure: str = ""
    above: float | None = None
    below: float | None = None
    expression: str = ""

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Alert":
        by_measure = (self.above is None) != (self.below is None) and self.measure in MEASURES
        if by_measure == bool(self.expression):
            raise ValueError(f"{self.name}: a known measure that is above or below a number, or an expression")
        if unknown := series_in(self.promql) - SERIES:
            raise ValueError(f"{self.name}: no process sends {', '.join(sorted(unknown))}")
        return self

    @property
    def promql(self) -> str:
        if self.expression:
            return self.expression
        series = MEASURES[self.measure].prometheus
        return f"{series} > {self.above:.10g}" if self.below is None else f"{series} < {self.below:.10g}"

    def concerns(self, one: Measurement) -> bool:
        """Whether it fires if the value lasts."""
        if one.measure.name != self.measure:
            return False
        return one.value < self.below if self.below is not None else self.above is not None and one.value > self.above


class Alerts(BaseModel):
    alerts: tuple[Alert, ...]


def series_in(promql: str) -> set[str]:
    return set(_NAME.findall(promql))


def load_alerts() -> tuple[Alert, ...]:
    return Alerts.model_validate(tomllib.loads(Path(__file__).with_suffix(".toml").read_text())).alerts


def concerning(alerts: Iterable[Alert], measurements: Iterable[Measurement]) -> list[tuple[Alert, Measurement]]:
    """The measurements that an operator looks at, each with its alert."""
    return [(alert, one) for one in measurements for alert in alerts if alert.concerns(one)]
