"""`python -m services.evaluation.worker`: events in and out until SIGTERM."""

import uvloop

from services.evaluation.app import SERVICE
from services.evaluation.settings import Settings
from services.evaluation.subscribers import handlers
from shared.database import create_engine
from shared.messaging.worker import Worker
from shared.policy.loader import load_book


async def main(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, f"{SERVICE}-worker")
    reactions = handlers(load_book(settings.regions))
    worker = Worker(SERVICE, engine, settings.database_url, settings.kafka, settings.broker_profile, settings.clock(), reactions)
    await worker.run(settings.host, settings.port)


if __name__ == "__main__":
    uvloop.run(main(Settings()))
