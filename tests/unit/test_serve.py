"""How services are served behind the gateway."""

import asyncio
import socket

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.runtime.serve import SERVED, Server

GATEWAY_KEEPS_SECONDS = 120
"""Idle connections to a service: Caddy's `keepalive` of the HTTP transport, which `deploy/Caddyfile` leaves as it is."""


def test_idle_connection_outlasts_the_gateways_own() -> None:
    """With uvicorn's own five seconds, a form that was sent five seconds after the page before was answered with 502."""
    assert SERVED["timeout_keep_alive"] > GATEWAY_KEEPS_SECONDS


async def test_process_that_ends_closes_connections_with_their_answers() -> None:
    """Who is answered on a kept connection while the process ends sends the next form on another one."""

    async def answer(_: Request) -> Response:
        return Response("here")

    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = Server(uvicorn.Config(Starlette(routes=[Route("/", answer)]), **SERVED), lambda: None, drain_seconds=0.3)
        running = asyncio.create_task(server.serve(sockets=[bound]))
        async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{bound.getsockname()[1]}") as client:
            assert "connection" not in (await client.get("/")).headers
            server.should_exit = True
            await asyncio.sleep(0.2)
            ending = await client.get("/")
        await running
    assert (ending.text, ending.headers["connection"]) == ("here", "close")
