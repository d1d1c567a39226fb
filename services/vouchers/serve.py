"""`python -m services.vouchers.serve`: the API on TRIPTYCH_PORT until SIGTERM."""

from services.vouchers.app import build_app
from services.vouchers.settings import VouchersSettings
from shared.web.serve import serve


def main() -> None:
    settings = VouchersSettings()
    serve(build_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
