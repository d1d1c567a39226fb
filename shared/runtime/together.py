"""Runs the API and the workers of a service in one process (`parts.py`)."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import uvloop

from shared.runtime.memory import tune_memory
from shared.runtime.parts import Part, Parts
from shared.runtime.serve import server_of
from shared.runtime.service import Service
from shared.runtime.settings import ServiceSettings
from shared.telemetry.logs import log_as_json

Run = Callable[[Any], Awaitable[None]]
"""The `run` of a worker's module, given the service's settings."""


def run_together(service: Service, settings: ServiceSettings, workers: Mapping[str, tuple[Run, int]]) -> None:
    """Until SIGTERM. `workers`: name → what runs it, and the port of its health address."""
    log_as_json()
    tune_memory()
    parts = Parts(service.name)

    async def api() -> None:
        await parts.serve(server_of(service.build_app(settings), settings))

    started: dict[str, Part] = {service.name: api}
    for name, (run, port) in workers.items():
        started[name] = partial(run, settings.model_copy(update={"port": port}))
    uvloop.run(parts.run(started))
