"""`python -m services.evaluation.serve`: the API until SIGTERM."""

import uvicorn

from services.evaluation.app import build_app
from services.evaluation.settings import Settings


def main() -> None:
    settings = Settings()
    app = build_app(settings)
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False, timeout_graceful_shutdown=10)


if __name__ == "__main__":
    main()
