"""`python -m services.applications.serve`: the HTTP app on TRIPTYCH_PORT."""

import uvicorn

from services.applications.app import build_app
from services.applications.settings import Settings


def main() -> None:
    settings = Settings()
    uvicorn.run(
        build_app(settings), host=settings.host, port=settings.port, log_config=None, access_log=False, timeout_graceful_shutdown=10
    )


if __name__ == "__main__":
    main()
