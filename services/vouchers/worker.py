"""`python -m services.vouchers.worker`: consumes and publishes events, starts and signals workflows, until SIGTERM."""

import uvloop

from services.vouchers.jobs.regions import Regions
from services.vouchers.jobs.restarts import Restarts
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.settings import Settings
from services.vouchers.subscribers import handlers
from services.vouchers.temporal import connect
from shared.database import create_engine, sessions_of
from shared.policy.loader import load_book
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "vouchers-worker")
    lifecycles = Lifecycles(await connect(settings.temporal, settings.temporal_namespace, settings.temporal_sealer))
    policies = load_book(settings.regions)
    kept = sessions_of(engine, settings.sealer), settings.clock(), policies, lifecycles
    restarts, regions = Restarts(*kept), Regions(*kept)
    jobs = [restarts.run, regions.keep_queues, regions.keep_schedules]
    await Worker("vouchers", settings, engine, policies, handlers(lifecycles), jobs).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
