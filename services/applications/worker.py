"""`python -m services.applications.worker`: consumes and publishes events, and deletes files that are to go, until SIGTERM."""

import uvloop

from services.applications.queries.deleted_files import deleted_files
from services.applications.settings import Settings
from services.applications.subscribers import HANDLERS
from shared.database import create_engine, sessions_of
from shared.policy.loader import load_book
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "applications-worker")
    deleted = deleted_files(sessions_of(engine, settings.sealer), settings)
    await Worker("applications", settings, engine, load_book(settings.regions), HANDLERS, [deleted.run]).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
