"""`python -m services.payments.compact`: the API and the worker in one process, until SIGTERM."""

from services.payments.app import SERVICE
from services.payments.settings import Settings
from services.payments.worker import run
from shared.runtime.together import run_together


def main() -> None:
    settings = Settings()
    run_together(SERVICE, settings, {"payments-worker": (run, settings.worker_port)})


if __name__ == "__main__":
    main()
