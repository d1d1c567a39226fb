"""Serves an HTTP app with uvicorn, with the same options for every service."""

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn

from shared.runtime.memory import tune_memory
from shared.runtime.settings import ServedSettings
from shared.telemetry.logs import log_as_json

SERVED: dict[str, Any] = {
    "http": "h11",  # the faster parser accepts headers of any length
    "log_config": None,
    "access_log": False,
    "timeout_graceful_shutdown": 10,
    # Seconds, more than the two minutes for which the gateway keeps an idle connection: who sends a form in the moment in which a service
    # ends one gets a 502.
    "timeout_keep_alive": 150,
    "limit_concurrency": 1_000,  # connections; one more is answered with 503
}


STARTUP_FAILURE = 3
"""As uvicorn itself ends when the app does not start."""


class Server(uvicorn.Server):
    """Says when it is about to end, before it waits for requests in flight: those that never end by themselves are ended there.

    For `drain_seconds` it goes on answering, and every answer closes its connection: who sends a form on a kept connection in the moment
    in which that is closed would not know what has become of it.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None], drain_seconds: float = 0) -> None:
        super().__init__(config)
        self._ending, self._drain_seconds = ending, drain_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        if self._drain_seconds and not self.force_exit:
            self.server_state.default_headers.append((b"connection", b"close"))
            await asyncio.sleep(self._drain_seconds)
        await super().shutdown(sockets)


def server_of(app: Any, settings: ServedSettings, ending: Callable[[], None] = lambda: None) -> Server:
    """The address of a client is read from X-Forwarded-For when the gateway has sent the request, else it is that of the connection.
    `ending` is called when requests in flight are to end."""
    config = uvicorn.Config(app, host=settings.host, port=settings.port, forwarded_allow_ips=settings.gateway, **SERVED)
    return Server(config, ending, settings.drain_seconds)


def serve(app: Any, settings: ServedSettings, ending: Callable[[], None] = lambda: None) -> None:
    """Serves until SIGTERM; requests in flight then have ten seconds."""
    log_as_json()
    tune_memory()
    server = server_of(app, settings, ending)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
