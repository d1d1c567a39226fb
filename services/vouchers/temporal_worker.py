"""Runs the lifecycles: `python -m services.vouchers.temporal_worker`, all regions, or one with `--region REGION`.

Each region has a task queue, so that its workers can run by themselves, in their own place.
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import uvicorn
from sqlalchemy import text
from temporalio.client import Client
from temporalio.worker import Worker

from services.vouchers.activities import VoucherActivities
from services.vouchers.lifecycles import connect, task_queue
from services.vouchers.settings import VouchersSettings
from services.vouchers.workflows.call_calendar import CallCalendar
from services.vouchers.workflows.milestone import Milestone
from services.vouchers.workflows.voucher import VoucherLifecycle
from shared.database import Sessions, create_engine, sessions_of
from shared.policy.loader import load_book

WORKFLOWS = (VoucherLifecycle, CallCalendar, Milestone)


def worker_of(client: Client, region: str, activities: VoucherActivities) -> Worker:
    """All activities are local, so there is nothing to poll for but workflow tasks."""
    return Worker(
        client,
        task_queue=task_queue(region),
        workflows=list(WORKFLOWS),
        activities=activities.all,
        no_remote_activities=True,
        max_cached_workflows=400,
        max_concurrent_workflow_task_polls=3,
    )


async def run(settings: VouchersSettings, only: Sequence[str]) -> None:
    """Serves until SIGTERM. `only` names regions; none: all that have a policy."""
    book = load_book(settings.regions)
    regions = only or sorted({policy.region for policy in book.all()})
    engine = create_engine(settings.database_url, settings.database_pool, "vouchers-temporal")
    client = await _connected(settings)
    activities = VoucherActivities(sessions_of(engine), settings.clock(), book)
    health = _Health(client, activities.sessions)
    config = uvicorn.Config(health, host=settings.host, port=settings.port, log_config=None, access_log=False, lifespan="off")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        for region in regions:
            await stack.enter_async_context(worker_of(client, region, activities))
        await uvicorn.Server(config).serve()


async def _connected(settings: VouchersSettings) -> Client:
    """A worker does not start without Temporal, nor with a client that has yet to connect; this waits for it."""
    while True:
        try:
            return await connect(settings.temporal, settings.temporal_namespace, lazy=False)
        except RuntimeError:
            await asyncio.sleep(1)


async def _answers(client: Client) -> bool:
    try:
        return await client.service_client.check_health()
    except Exception:  # noqa: BLE001 - whatever it is: not well
        return False


class _Health:
    """ASGI: 200 when Temporal and the database answer, else 503."""

    def __init__(self, client: Client, sessions: Sessions) -> None:
        self.client, self.sessions = client, sessions

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        well = await _answers(self.client) and await self._database_answers()
        body = b'{"status":"ok"}' if well else b'{"status":"unavailable"}'
        status = 200 if well else 503
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    async def _database_answers(self) -> bool:
        try:
            async with self.sessions() as session:
                await session.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - whatever it is: not well
            return False
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs the workflows of vouchers")
    parser.add_argument("--region", action="append", default=[], help="only this region; may be given several times")
    asyncio.run(run(VouchersSettings(), parser.parse_args().region))


if __name__ == "__main__":
    main()
