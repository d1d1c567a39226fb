"""`python -m services.applications.worker`: consumes and publishes events until SIGTERM."""

import uvloop

from services.applications.settings import Settings
from services.applications.subscribers import HANDLERS
from shared.database import create_engine
from shared.policy.loader import load_book
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "applications-worker")
    await Worker("applications", settings, engine, load_book(settings.regions), HANDLERS).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
