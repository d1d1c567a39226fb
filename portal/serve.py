"""`python -m portal.serve`: the pages on TRIPTYCH_PORT until SIGTERM."""

from portal.app import build_app
from portal.settings import Settings
from shared.runtime.serve import serve


def main() -> None:
    settings = Settings()
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
