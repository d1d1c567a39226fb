"""`python -m services.applications.worker`: subscriber and relay."""

import uvloop

from services.applications.settings import Settings
from services.applications.subscribers import HANDLERS
from shared.database import create_engine
from shared.messaging.worker import Worker


async def main() -> None:
    settings = Settings()
    engine = create_engine(settings.database_url, settings.database_pool, "applications-worker")
    worker = Worker("applications", engine, settings.database_url, settings.kafka, settings.broker_profile, settings.clock(), HANDLERS)
    await worker.run(settings.host, settings.port)


if __name__ == "__main__":
    uvloop.run(main())
