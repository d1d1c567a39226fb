"""Serves an HTTP app with uvicorn, with the same options for every service."""

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


def serve(app: Any, settings: ServedSettings) -> None:
    """Serves until SIGTERM; requests in flight then have ten seconds.

    The address of a client is read from X-Forwarded-For when the gateway has sent the request, else it is that of the connection.
    """
    uvicorn.run(app, host=settings.host, port=settings.port, forwarded_allow_ips=settings.gateway, **SERVED)
