"""How an app meets the network, in one place."""

from typing import Any

import uvicorn

SERVED: dict[str, Any] = {
    "http": "h11",  # the quicker parser takes a header of any length into memory
    "log_config": None,
    "access_log": False,
    "timeout_graceful_shutdown": 10,
}


def serve(app: Any, host: str, port: int) -> None:
    """Until SIGTERM; requests under way are then given ten seconds."""
    uvicorn.run(app, host=host, port=port, **SERVED)
