"""`python -m services.vouchers.worker`: consumes and publishes events, starts and signals workflows, and
counts what waits for officers, until SIGTERM."""

import uvloop

from services.vouchers.jobs.measured import MeasuredWorkflows
from services.vouchers.jobs.regions import Regions
from services.vouchers.jobs.restarts import Restarts
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.queries.tasks import waiting_tasks
from services.vouchers.settings import Settings
from services.vouchers.subscribers import handlers
from services.vouchers.temporal import connect_by
from shared.contracts.vouchers import VoucherTasksCounted
from shared.database import create_engine, sessions_of
from shared.policy.loader import load_book
from shared.runtime.task_counts import TaskCounts
from shared.runtime.telemetry import begin_telemetry
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    begin_telemetry("vouchers-worker", settings)  # before the client of Temporal, which is traced too
    engine = create_engine(settings.database_url, settings.database_pool, "vouchers-worker")
    lifecycles = Lifecycles(await connect_by(settings))
    policies = load_book(settings.regions)
    kept = sessions_of(engine, settings.sealer), settings.clock(), policies, lifecycles
    restarts, regions = Restarts(*kept), Regions(*kept)
    tasks = TaskCounts(kept[0], settings.clock(), policies, VoucherTasksCounted, waiting_tasks)
    jobs = [restarts.run, regions.keep_queues, regions.keep_schedules, tasks.run]
    measured = [MeasuredWorkflows(lifecycles.client, policies).backlog]
    await Worker("vouchers", settings, engine, policies, handlers(lifecycles), jobs, measured=measured).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
