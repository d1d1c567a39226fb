"""The log of requests, the same for every process that serves HTTP."""

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.ids import new_id
from shared.telemetry import tracing
from shared.telemetry.cases import gathered_cases
from shared.telemetry.requests import REQUESTS_HERE
from shared.web.security import SecurityLog

Incident = Callable[[Request, Exception], Response]
OF_OPERATORS = ("/health", "/measurements")
"""Asked every few seconds by who watches the process: neither measured nor traced."""
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class RequestLog:
    """Gives each request an id, logs one line about it without personal data, and answers 500 for an exception without a handler.

    The line has the route's template, not the path and query, the actor's pseudonym, and the cases that the request was about. Refusals
    go to the security log as well, where there is one. `incident` logs a defect and makes its answer. The request is a span too: of the
    caller's trace if `continues`, which the portal does not: its callers are browsers, who begin a trace.
    """

    def __init__(self, app: ASGIApp, service: str, security: SecurityLog | None, incident: Incident, continues: bool = True) -> None:
        self.app, self.service, self.security, self.incident, self.continues = app, service, security, incident, continues

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] in OF_OPERATORS:
            await self._answer(scope, receive, send, set())
            return
        method, started = _method(scope), time.monotonic()
        parent = Headers(scope=scope).get(tracing.HEADER) if self.continues else None
        with gathered_cases() as cases, tracing.span(method, tracing.Kind.SERVER, parent=parent) as span:
            status = 500
            try:
                status = await self._answer(scope, receive, send, cases)
            finally:
                REQUESTS_HERE.ended(method, _route(scope), status, time.monotonic() - started)
                span.describe(f"{method} {_route(scope) or ''}".strip(), _attributes(scope, status, cases))

    async def _answer(self, scope: Scope, receive: Receive, send: Send, cases: set[str]) -> int:
        """The status of the answer; 0 for none."""
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
            except ClientDisconnect:  # the client is gone; no answer is possible and there is no defect
                pass
            except Exception as error:
                answer = self.incident(request, error)
                if status:  # part of the answer was sent; only closing the connection shows that it failed
                    raise
                await answer(scope, receive, send_with_id)
            finally:
                actor = getattr(request.state, "actor", None)
                structlog.get_logger().info(
                    "request",
                    method=scope["method"],
                    route=_route(scope),
                    status=status,
                    milliseconds=round((time.monotonic() - started) * 1000),
                    actor=actor and actor.id,
                    **_ids(scope, cases),
                )
                if self.security:
                    self.security.request_ended(request, status)
        return status


def _route(scope: Scope) -> str | None:
    return getattr(scope.get("route"), "path", None)


def _method(scope: Scope) -> str:
    """A caller may invent one, so others are one word."""
    return scope["method"] if scope["method"] in METHODS else "OTHER"


def _ids(scope: Scope, cases: set[str]) -> dict[str, Any]:
    """The ids in the path: what is no id may be personal. And the cases that events were published about."""
    found = {name: str(value) for name, value in scope.get("path_params", {}).items()}
    ids = {name: value for name, value in found.items() if name.endswith("id") and _ID.fullmatch(value)}
    return {**ids, **({"cases": sorted(cases)} if cases else {})}


def _attributes(scope: Scope, status: int, cases: set[str]) -> dict[str, str | int]:
    route = _route(scope)
    named = {"http.route": route} if route else {}
    case: dict[str, str | int] = {tracing.CASE: next(iter(cases))} if len(cases) == 1 else {"triptych.cases": len(cases)} if cases else {}
    return {"http.request.method": _method(scope), "http.response.status_code": status, **named, **case}
