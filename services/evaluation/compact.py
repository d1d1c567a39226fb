"""`python -m services.evaluation.compact`: the API and the worker in one process, until SIGTERM."""

from services.evaluation.app import SERVICE
from services.evaluation.settings import Settings
from services.evaluation.worker import run
from shared.runtime.together import run_together


def main() -> None:
    settings = Settings()
    run_together(SERVICE, settings, {"evaluation-worker": (run, settings.worker_port)})


if __name__ == "__main__":
    main()
