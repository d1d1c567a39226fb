"""The HTTP app of one service: its routes under /api/<service>, health, documents, problems, request log."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.identity.tokens import TokenVerifier
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.messaging.cause import Cause
from shared.web import documentation, problems
from shared.web.auth import GuardedRoute

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    service: str,
    title: str,
    *,
    verifier: TokenVerifier,
    sessions: async_sessionmaker[AsyncSession],
    clock: ProgrammeClock,
    routers: Sequence[APIRouter],
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Everything a request needs is in `app.state`: verifier, sessions, clock. An unguarded route stops the start."""
    root = f"/api/{service}"
    app = FastAPI(
        title=title,
        lifespan=lifespan,
        openapi_url=f"{root}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the address of a redirect would be made of the Host header, which is the caller's
    )
    app.state.verifier, app.state.sessions, app.state.clock = verifier, sessions, clock
    problems.install(app)
    app.add_middleware(RequestLog, service=service)
    for router in routers:
        app.include_router(router, prefix=root, responses=problems.PROBLEM_RESPONSES)
    for route in iter_route_contexts(app.routes):
        if route.path != app.openapi_url and not isinstance(route.original_route, GuardedRoute):
            raise TypeError(f"{route.methods} {route.path} is not guarded: build its router with api_router()")
    app.add_api_route("/health", health, include_in_schema=False)  # for whoever runs the process; the gateway does not lead here
    documentation.install(app, f"{root}/docs")
    _document_problem(app)
    return app


async def health(request: Request) -> dict[str, str]:
    """200 when the database answers, 503 otherwise."""
    async for session in session_for(request):
        await session.execute(text("SELECT 1"))
    return {"status": "ok"}


async def session_for(request: Request) -> AsyncIterator[AsyncSession]:
    """The one transaction of the request: committed when the route has returned, rolled back when it has raised."""
    async with request.app.state.sessions.begin() as session:
        try:
            await session.connection()
        except OSError as error:  # asyncpg does not wrap what it meets while connecting
            raise Unavailable("the database does not answer") from error
        yield session


Session = Annotated[AsyncSession, Depends(session_for, scope="function")]
"""Scope 'function' ends the transaction before the answer is sent: nobody is told 2xx for what could not be committed."""


async def cause_of(request: Request) -> Cause:
    """The caller and the programme instant, for the command."""
    return Cause(request.state.actor.id, request.app.state.clock.now)


CallerCause = Annotated[Cause, Depends(cause_of)]


class RequestLog:
    """Gives each request an id, logs one line about it without personal data, and answers 500 for what nobody caught.

    Logged are the route's template, not the path and query, and the actor's pseudonym.
    """

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request, started, status = Request(scope, receive), time.monotonic(), 0
        request.state.request_id = str(new_id())

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request.state.request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(service=self.service, request_id=request.state.request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except ClientDisconnect:  # nobody is there to be answered, and it is no fault of ours
                pass
            except Exception as error:
                answer = problems.incident(request, error)
                if status:  # the answer is on its way; only the connection can say that it broke off
                    raise
                await answer(scope, receive, send_with_id)
            finally:
                actor = getattr(request.state, "actor", None)
                structlog.get_logger().info(
                    "request",
                    method=scope["method"],
                    route=getattr(scope.get("route"), "path", None),
                    status=status,
                    milliseconds=round((time.monotonic() - started) * 1000),
                    actor=actor and actor.id,
                )


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
