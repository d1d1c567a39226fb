"""Serves an HTTP app with uvicorn, with the same options for every service."""

from typing import Any

import uvicorn

SERVED: dict[str, Any] = {
    "http": "h11",  # the faster parser accepts headers of any length
    "log_config": None,
    "access_log": False,
    "timeout_graceful_shutdown": 10,
}


def serve(app: Any, host: str, port: int) -> None:
    """Serves until SIGTERM; requests in flight then have ten seconds."""
    uvicorn.run(app, host=host, port=port, **SERVED)
