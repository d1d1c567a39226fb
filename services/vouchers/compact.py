"""`python -m services.vouchers.compact`: the API, the worker and the worker of workflows in one process, until SIGTERM."""

from services.vouchers import temporal_worker, worker
from services.vouchers.app import SERVICE
from services.vouchers.settings import Settings
from shared.runtime.together import run_together


async def run_lifecycles(settings: Settings) -> None:
    await temporal_worker.run(settings, only=())


def main() -> None:
    settings = Settings()
    workers = {"vouchers-worker": (worker.run, settings.worker_port), "vouchers-temporal": (run_lifecycles, settings.lifecycles_port)}
    run_together(SERVICE, settings, workers)


if __name__ == "__main__":
    main()
