"""Runs the work of a process beside its health address."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvicorn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.runtime.serve import SERVED

Check = Callable[[], Awaitable[object]]
"""Raises when something that the work needs is missing."""


async def run_beside_health(work: AbstractAsyncContextManager[None], engine: AsyncEngine, host: str, port: int, *checks: Check) -> None:
    """Runs `work` and serves GET /health until SIGTERM: 200 when the database answers and no check raises, else 503.

    `work` and `engine` are closed within the server's lifespan: uvicorn sends itself the signal once more after serving, and
    nothing after that runs. Work that fails ends the process with status 1, so that the supervisor restarts it.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            async with work:
                yield
        finally:
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

    app = Starlette(routes=[Route("/health", health)], lifespan=lifespan)
    config = uvicorn.Config(app, host=host, port=port, lifespan="on", **SERVED)
    server = uvicorn.Server(config)
    await server.serve()
    sys.exit(1)  # no signal has ended it
