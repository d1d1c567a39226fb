"""`python -m services.applications.worker`: consumes and publishes events, deletes files that are to go, and counts what waits for
officers, until SIGTERM."""

import uvloop

from services.applications.queries.deleted_files import deleted_files
from services.applications.queries.tasks import waiting_tasks
from services.applications.settings import Settings
from services.applications.subscribers import HANDLERS
from shared.contracts.applications import ApplicationTasksCounted
from shared.database import create_engine, sessions_of
from shared.policy.loader import load_book
from shared.runtime.task_counts import TaskCounts
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "applications-worker")
    deleted = deleted_files(sessions_of(engine, settings.sealer), settings)
    policies = load_book(settings.regions)
    tasks = TaskCounts(sessions_of(engine, settings.sealer), settings.clock(), policies, ApplicationTasksCounted, waiting_tasks)
    await Worker("applications", settings, engine, policies, HANDLERS, [deleted.run, tasks.run]).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
