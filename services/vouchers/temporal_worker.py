"""`python -m services.vouchers.temporal_worker [--region REGION]...`: runs the workflows of all regions, or of those named.

Each region has a task queue of its own, so that its workers can run elsewhere.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
import uvloop
from sqlalchemy.exc import DBAPIError
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from services.vouchers.activities import VoucherActivities
from services.vouchers.deadlines.timers import Timers
from services.vouchers.deadlines.workflows.call_calendar import CallCalendar
from services.vouchers.deadlines.workflows.milestone import Milestone
from services.vouchers.deadlines.workflows.retention import Retention
from services.vouchers.settings import Settings
from services.vouchers.temporal import connect_by, task_queue
from services.vouchers.workflows.voucher import VoucherLifecycle
from shared.database import create_engine, sessions_of
from shared.kernel.errors import Unavailable
from shared.messaging.scheme_files import SchemeFiles
from shared.policy.loader import load_book
from shared.runtime.health import run_beside_health
from shared.runtime.telemetry import begin_telemetry
from shared.telemetry.logs import log_as_json

WORKFLOWS = (VoucherLifecycle, CallCalendar, Milestone, Retention)
_STOP_SECONDS = 8
"""Less than the ten seconds after which a supervisor commonly kills a process."""

SANDBOXED = SandboxedWorkflowRunner()
"""For tests: refuses calls that are not deterministic."""

UNSANDBOXED = UnsandboxedWorkflowRunner()
"""For the service: the sandbox loads the workflow's module again for each workflow, which takes three tenths of the worker's CPU.
The tests, the recorded histories and the import contracts keep out what it guards against."""


def worker_of(client: Client, region: str, activities: VoucherActivities, runner: WorkflowRunner = SANDBOXED) -> Worker:
    """All activities are local, so the worker polls for workflow tasks only."""
    return Worker(
        client,
        task_queue=task_queue(region),
        workflows=list(WORKFLOWS),
        activities=activities.all,
        workflow_runner=runner,
        no_remote_activities=True,
        max_cached_workflows=400,
        max_concurrent_workflow_task_polls=3,
        graceful_shutdown_timeout=timedelta(seconds=5),
    )


@asynccontextmanager
async def working(client: Client, regions: Sequence[str], activities: VoucherActivities) -> AsyncIterator[None]:
    """Runs the workers of all regions while the block runs. They stop together: a running step is finished, the next one is left to
    another worker. TimeoutError when that takes too long; the step is then repeated, without a second effect."""
    workers = [worker_of(client, region, activities, UNSANDBOXED) for region in regions]
    async with asyncio.TaskGroup() as running:
        for worker in workers:
            running.create_task(worker.run())
        yield
        async with asyncio.timeout(_STOP_SECONDS):
            await asyncio.gather(*(worker.shutdown() for worker in workers))
    structlog.get_logger().info("workers stopped", regions=regions)


async def run(settings: Settings, only: Sequence[str]) -> None:
    """Serves until SIGTERM. `only` names regions; empty: all that have a policy."""
    log_as_json()
    begin_telemetry("vouchers-temporal", settings)
    book = load_book(settings.regions)
    regions = only or sorted({policy.region for policy in book.all()})
    engine = create_engine(settings.database_url, settings.database_pool, "vouchers-temporal")
    client = await _connected(settings)
    for region in regions:
        await Timers(client).schedule_retention(region, settings.clock())

    async def temporal_answers() -> None:
        if not await client.service_client.check_health():
            raise Unavailable("Temporal is not healthy")

    sessions = sessions_of(engine, settings.sealer)
    files = SchemeFiles("vouchers", sessions, book)
    await _learned(files)
    work = working(client, regions, VoucherActivities(sessions, settings.clock(), book))
    async with files.kept():
        await run_beside_health(work, engine, settings.host, settings.port, temporal_answers)


async def _learned(files: SchemeFiles) -> None:
    """Waits until the database has said which rules were published since this release: a step under an unknown policy would fail."""
    while True:
        try:
            await files.refresh()
            return
        except (OSError, DBAPIError):
            await asyncio.sleep(1)


async def _connected(settings: Settings) -> Client:
    """Waits until Temporal answers: a worker needs a connected client."""
    while True:
        try:
            return await connect_by(settings, lazy=False)
        except RuntimeError:
            await asyncio.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs the workflows of vouchers")
    parser.add_argument("--region", action="append", default=[], help="only this region; may be given several times")
    uvloop.run(run(Settings(), parser.parse_args().region))


if __name__ == "__main__":
    main()
