"""What a command publishes."""

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from shared.contracts.applications import CallOpened
from shared.database import Sessions
from shared.kernel.ids import new_id
from shared.messaging.outbox import publish
from shared.messaging.tables import OutboxRow
from tests.integration.messaging.conftest import CAUSE, NOW


@pytest.mark.parametrize("count", [1, 2, 500])
async def test_the_events_of_a_command_stand_in_their_order_and_leave_at_once(engine: AsyncEngine, sessions: Sessions, count: int) -> None:
    sent: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
    opened = CallOpened(call_id=new_id(), region="be-kortrijk", opened_at=NOW)
    async with sessions.begin() as session:
        written = [publish(session, CAUSE, opened, reason="test", policy_id="p") for _ in range(count)]
    assert len(sent) == 1
    async with sessions() as session:
        rows = (await session.scalars(select(OutboxRow).order_by(col(OutboxRow.position)))).all()
    assert [row.event_id for row in rows] == written
