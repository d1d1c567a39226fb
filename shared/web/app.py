"""The HTTP app of one service: its routes under /api/<service>, health, documents, problems, request log."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import text
from starlette.routing import BaseRoute

from shared.database.engine import Sessions
from shared.identity.tokens import TokenVerifier
from shared.kernel.clock import ProgrammeClock
from shared.policy.resolver import PolicyBook
from shared.telemetry.measured import as_json
from shared.telemetry.requests import REQUESTS_HERE
from shared.web import documentation, problems
from shared.web.auth import GuardedRoute, OpenRoute
from shared.web.limits import AddressLimit, Buckets, Rates
from shared.web.request_log import RequestLog
from shared.web.security import SecurityLog
from shared.web.session import session_for

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
NO_TELEMETRY_OF_THE_FRAMEWORK: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI would send queries, paths and messages of exceptions, and would begin by variables of the environment. `RequestLog` has its own
span."""


def create_app(
    service: str,
    *,
    verifier: TokenVerifier,
    sessions: Sessions,
    clock: ProgrammeClock,
    policies: PolicyBook,
    hash_key: bytes,
    security: SecurityLog,
    routers: Sequence[APIRouter] = (),
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
    rates: Rates | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The app; `app.state` holds what a request needs. `routes`: those that `included` has made already. `rates` None: requests are not
    counted. TypeError for a route without a guard."""
    root = f"/api/{service}"
    app = FastAPI(
        title=f"Triptych {service}",
        lifespan=lifespan,
        openapi_url=f"{root}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would be built from the Host header, which the caller chooses
        telemetry=NO_TELEMETRY_OF_THE_FRAMEWORK,
    )
    app.state.verifier, app.state.sessions, app.state.clock = verifier, sessions, clock
    app.state.policies, app.state.hash_key = policies, hash_key
    app.state.account_buckets = Buckets(rates.account, monotonic) if rates else None
    problems.install(app)
    if rates:
        app.add_middleware(AddressLimit, buckets=Buckets(rates.address, monotonic))
    app.add_middleware(RequestLog, service=service, security=security, incident=problems.incident)
    app.router.routes.extend([*routes, *included(service, routers)])
    app.add_api_route("/health", health, include_in_schema=False)  # for the operator of the process; the gateway routes to neither
    app.add_api_route("/measurements", measurements, include_in_schema=False)
    documentation.install(app, f"{root}/docs")
    _document_problem(app)
    return app


def included(service: str, routers: Sequence[APIRouter]) -> Sequence[BaseRoute]:
    """The routes below /api/<service>, ready for requests. They take a tenth of a second and some MB, and nothing in them is of one app:
    the apps of a process, and of processes that are forked from it, have them in common. TypeError for a route without a guard."""
    together = APIRouter()
    for router in routers:
        together.include_router(router, prefix=f"/api/{service}", responses=problems.PROBLEM_RESPONSES)
    for route in iter_route_contexts(together.routes):
        if not isinstance(route.original_route, GuardedRoute | OpenRoute):
            raise TypeError(f"{route.methods} {route.path} is not guarded: build its router with api_router(), or open_router()")
    return together.routes


async def health(request: Request) -> dict[str, str]:
    """200 when the database answers, 503 otherwise."""
    async for session in session_for(request):
        await session.execute(text("SELECT 1"))
    return {"status": "ok"}


async def measurements() -> list[dict[str, object]]:
    """How many requests, and how long they took (`shared/telemetry/measured.py`)."""
    return as_json(REQUESTS_HERE.measurements())


def _document_problem(app: FastAPI) -> None:
    """PROBLEM_RESPONSES point to this schema; FastAPI would file a model under application/json."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        document = build()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        template = "#/components/schemas/{model}"
        schema = problems.Problem.model_json_schema(ref_template=template)
        schemas.update(schema.pop("$defs"), Problem=schema)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
