"""What the processes measure of themselves, asked at their health addresses: for `triptych status`."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from shared.telemetry.measured import Measurement, from_json

ANSWER_SECONDS = 8
_OPEN = build_opener(ProxyHandler({})).open
"""Health addresses are inside: no proxy lies between."""


def measured_by(processes: Mapping[str, str]) -> dict[str, list[Measurement] | None]:
    """Process → what it measures, asked of all at once; None for one that does not answer. `processes`: name → address
    (http://host:port)."""
    with ThreadPoolExecutor(max(1, len(processes))) as threads:
        return dict(zip(processes, threads.map(_ask, processes.values()), strict=True))


def _ask(address: str) -> list[Measurement] | None:
    try:
        with _OPEN(f"{address.rstrip('/')}/measurements", timeout=ANSWER_SECONDS) as answer:
            return from_json(json.load(answer))
    except (URLError, OSError, ValueError):
        return None
