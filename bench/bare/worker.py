"""`python -m bench.bare.worker SERVICE`: a service's own worker, unchanged, around the smallest effect there is: one row."""

import sys
from typing import Any

import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.applications import CallOpened
from shared.database import create_engine
from shared.messaging.cause import Cause
from shared.messaging.inbox import Handlers
from shared.messaging.worker import Worker
from shared.settings import ServiceSettings

SENDER, RECEIVER = "applications", "evaluation"
EFFECT = text("INSERT INTO effects (event_id) VALUES (:event_id)")


async def note(session: AsyncSession, event: Any, cause: Cause) -> None:
    await session.execute(EFFECT, {"event_id": cause.event_id})


async def main(service: str) -> None:
    told = ServiceSettings()
    engine = create_engine(told.database_url, told.database_pool, f"{service}-worker")
    handlers: Handlers = {CallOpened: note} if service == RECEIVER else {}
    await Worker(service, engine, told.database_url, told.kafka, told.broker_profile, told.clock(), handlers).run(told.host, told.port)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
