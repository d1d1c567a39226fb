"""Serves an HTTP app with uvicorn, with the same options for every service."""

import gc
from typing import Any

import uvicorn

from shared.runtime.settings import ServedSettings

SERVED: dict[str, Any] = {
    "http": "h11",  # the faster parser accepts headers of any length
    "log_config": None,
    "access_log": False,
    "timeout_graceful_shutdown": 10,
    "limit_concurrency": 1_000,  # connections; one more is answered with 503
}


COLLECT_AFTER = 10_000
"""New objects until the next search for forgotten ones that refer to each other. A request makes hundreds that are gone at its end: with
Python's 700 such a search comes several times in a request and finds little."""


def serve(app: Any, settings: ServedSettings) -> None:
    """Serves until SIGTERM; requests in flight then have ten seconds.

    The address of a client is read from X-Forwarded-For when the gateway has sent the request, else it is that of the connection.
    """
    gc.freeze()  # the app itself stays, so nobody has to look through it
    gc.set_threshold(COLLECT_AFTER)
    uvicorn.run(app, host=settings.host, port=settings.port, forwarded_allow_ips=settings.gateway, **SERVED)
