"""Runs the work of a process beside its health address."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvicorn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.runtime.memory import tune_memory
from shared.runtime.parts import PARTS
from shared.runtime.serve import SERVED
from shared.runtime.telemetry import measure
from shared.telemetry import tracing
from shared.telemetry.collector import Collector, Source
from shared.telemetry.measured import as_json

Check = Callable[[], Awaitable[object]]
"""Raises when something that the work needs is missing."""


async def run_beside_health(
    work: AbstractAsyncContextManager[None],
    engine: AsyncEngine,
    host: str,
    port: int,
    *checks: Check,
    measured: Sequence[Source] = (),
) -> None:
    """Runs `work` and serves GET /health until SIGTERM: 200 when the database answers and no check raises, else 503; and GET /measurements.

    `work` and `engine` are closed within the server's lifespan: uvicorn sends itself the signal once more after serving, and
    nothing after that runs. Work that fails ends the process with status 1, so that the supervisor restarts it. As a part of a process
    (`parts.py`) it returns instead, and measures for itself.
    """
    parts = PARTS.get()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        exporting = asyncio.create_task(collector.repeat()) if tracing.is_on() else None
        try:
            async with work:
                yield
        finally:
            if exporting is not None:
                exporting.cancel()
            await engine.dispose()
            server.should_exit = True

    async def health(_: Request) -> JSONResponse:
        try:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
            for check in checks:
                await check()
        except Exception:  # noqa: BLE001 - whatever it is, the process is not healthy
            return JSONResponse({"status": "unavailable"}, 503)
        return JSONResponse({"status": "ok"})

    async def measurements(_: Request) -> JSONResponse:
        return JSONResponse(as_json(await collector.take()))

    collector = measure(measured) if parts is None else Collector(list(measured))
    app = Starlette(routes=[Route("/health", health), Route("/measurements", measurements)], lifespan=lifespan)
    config = uvicorn.Config(app, host=host, port=port, lifespan="on", **SERVED)
    server = uvicorn.Server(config)
    if parts is not None:
        return await parts.serve(server)
    tune_memory()
    await server.serve()
    sys.exit(1)  # no signal has ended it
