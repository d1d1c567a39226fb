"""`python -m services.payments.serve`: the API until SIGTERM."""

import uvicorn

from services.payments.app import build_app
from services.payments.settings import PaymentsSettings


def main() -> None:
    settings = PaymentsSettings()
    app = build_app(settings)
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False, timeout_graceful_shutdown=10)


if __name__ == "__main__":
    main()
