"""`python -m services.people.worker`: publishes events until SIGTERM."""

import uvloop

from services.people.settings import Settings
from services.people.subscribers import HANDLERS
from shared.database import create_engine
from shared.policy.loader import load_book
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "people-worker")
    await Worker("people", settings, engine, load_book(settings.regions), HANDLERS).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
