"""`python -m services.people.compact`: the API and the worker in one process, until SIGTERM."""

from services.people.app import SERVICE
from services.people.settings import Settings
from services.people.worker import run
from shared.runtime.together import run_together


def main() -> None:
    settings = Settings()
    run_together(SERVICE, settings, {"people-worker": (run, settings.worker_port)})


if __name__ == "__main__":
    main()
