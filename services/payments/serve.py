"""`python -m services.payments.serve`: the API on TRIPTYCH_PORT until SIGTERM."""

from services.payments.app import build_app
from services.payments.settings import PaymentsSettings
from shared.web.serve import serve


def main() -> None:
    settings = PaymentsSettings()
    serve(build_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
