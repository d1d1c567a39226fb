"""The log of requests, the same for every process that serves HTTP."""

import time
from collections.abc import Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.ids import new_id
from shared.web.security import SecurityLog

Incident = Callable[[Request, Exception], Response]


class RequestLog:
    """Gives each request an id, logs one line about it without personal data, and answers 500 for an exception without a handler.

    The line has the route's template, not the path and query, and the actor's pseudonym. Refusals go to the security log as well, where
    there is one. `incident` logs a defect and makes its answer.
    """

    def __init__(self, app: ASGIApp, service: str, security: SecurityLog | None, incident: Incident) -> None:
        self.app, self.service, self.security, self.incident = app, service, security, incident

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
                    route=getattr(scope.get("route"), "path", None),
                    status=status,
                    milliseconds=round((time.monotonic() - started) * 1000),
                    actor=actor and actor.id,
                )
                if self.security:
                    self.security.request_ended(request, status)
