"""Takes others' events and publishes our own: `python -m services.vouchers.worker`."""

import uvloop

from services.vouchers.app import SERVICE
from services.vouchers.lifecycles import Lifecycles, connect
from services.vouchers.settings import VouchersSettings
from services.vouchers.subscribers import handlers
from shared.database import create_engine
from shared.messaging.worker import Worker
from shared.policy.loader import load_book


async def main(settings: VouchersSettings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, f"{SERVICE}-worker")
    lifecycles = Lifecycles(await connect(settings.temporal, settings.temporal_namespace))
    clock = settings.clock()
    reactions = handlers(lifecycles, clock, load_book(settings.regions))
    worker = Worker(SERVICE, engine, settings.database_url, settings.kafka, settings.broker_profile, clock, reactions)
    await worker.run(settings.host, settings.port)


if __name__ == "__main__":
    uvloop.run(main(VouchersSettings()))
