"""`python -m bench.bare.workflow`: a Temporal worker for the bare lifecycle; each step writes two rows and does nothing else."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop
from sqlalchemy import text
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.bare.lifecycle import BareLifecycle
from shared.database import Sessions, create_engine, sessions_of
from shared.kernel.ids import new_id
from shared.runtime.health import run_beside_health
from shared.runtime.settings import ServiceSettings

QUEUE, NAMESPACE = "bench-bare", "triptych"
TABLES = (
    "CREATE TABLE first (id uuid PRIMARY KEY, workflow_id text NOT NULL, step integer NOT NULL, body jsonb NOT NULL)",
    "CREATE TABLE second (id uuid PRIMARY KEY, body jsonb NOT NULL)",
)
FIRST = text("INSERT INTO first (id, workflow_id, step, body) VALUES (:id, :workflow_id, :step, CAST(:body AS jsonb))")
SECOND = text("INSERT INTO second (id, body) VALUES (:id, CAST(:body AS jsonb))")
BODY = '{"region": "be-kortrijk", "amount_minor": 500000, "currency": "EUR", "policy_id": "be-kortrijk/creative-voucher/2025-12-01"}'


class Activities:
    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    @activity.defn
    async def write_two_rows(self, step: int) -> None:
        async with self.sessions.begin() as session:
            await session.execute(FIRST, {"id": new_id(), "workflow_id": activity.info().workflow_id, "step": step, "body": BODY})
            await session.execute(SECOND, {"id": new_id(), "body": BODY})


async def main() -> None:
    settings = ServiceSettings()
    engine = create_engine(settings.database_url, settings.database_pool, "bare-workflow")
    client = await Client.connect(os.environ["TRIPTYCH_TEMPORAL"], namespace=NAMESPACE, data_converter=pydantic_data_converter)
    worker = Worker(
        client,
        task_queue=QUEUE,
        workflows=[BareLifecycle],
        activities=[Activities(sessions_of(engine)).write_two_rows],
        workflow_runner=UnsandboxedWorkflowRunner(),  # like our own worker
        no_remote_activities=True,
        max_cached_workflows=400,
        max_concurrent_workflow_task_polls=3,
    )

    @asynccontextmanager
    async def working() -> AsyncIterator[None]:
        async with worker:
            yield

    await run_beside_health(working(), engine, settings.host, settings.port)


if __name__ == "__main__":
    uvloop.run(main())
