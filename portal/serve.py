"""`python -m portal.serve`: the pages on TRIPTYCH_PORT until SIGTERM."""

from portal.app import build_app
from portal.settings import Settings
from shared.runtime.serve import serve


def main() -> None:
    settings = Settings()
    app = build_app(settings)

    def end_streams() -> None:
        app.state.services.streams.end()

    serve(app, settings, end_streams)


if __name__ == "__main__":
    main()
