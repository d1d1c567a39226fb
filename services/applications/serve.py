"""`python -m services.applications.serve`: the API on TRIPTYCH_PORT until SIGTERM."""

from services.applications.app import SERVICE
from services.applications.settings import Settings
from shared.runtime.serve import serve


def main() -> None:
    settings = Settings()
    serve(SERVICE.build_app(settings), settings)


if __name__ == "__main__":
    main()
