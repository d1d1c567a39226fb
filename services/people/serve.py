"""`python -m services.people.serve`: the API on TRIPTYCH_PORT until SIGTERM."""

from services.people.app import SERVICE
from services.people.settings import Settings
from shared.runtime.serve import serve


def main() -> None:
    settings = Settings()
    serve(SERVICE.build_app(settings), settings)


if __name__ == "__main__":
    main()
