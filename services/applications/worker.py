"""`python -m services.applications.worker`: consumes and publishes events, and deletes files that are to go, until SIGTERM."""

import uvloop

from services.applications.settings import Settings
from services.applications.subscribers import HANDLERS
from services.applications.tables import FileRow
from shared.database import create_engine, sessions_of
from shared.files.deleted import DeletedFiles
from shared.files.store import FileStore
from shared.kernel.clock import ProgrammeClock
from shared.policy.loader import load_book
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "applications-worker")
    policies, store = load_book(settings.regions), FileStore(settings.files)
    deleted = DeletedFiles(sessions_of(engine, settings.sealer), FileRow, store, settings.clock(), ProgrammeClock())
    await Worker("applications", settings, engine, policies, HANDLERS, [deleted.run]).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
