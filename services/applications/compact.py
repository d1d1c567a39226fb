"""`python -m services.applications.compact`: the API and the worker in one process, until SIGTERM."""

from services.applications.app import SERVICE
from services.applications.settings import Settings
from services.applications.worker import run
from shared.runtime.together import run_together


def main() -> None:
    settings = Settings()
    run_together(SERVICE, settings, {"applications-worker": (run, settings.worker_port)})


if __name__ == "__main__":
    main()
