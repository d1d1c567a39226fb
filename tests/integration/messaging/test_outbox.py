"""The outbox: the events of a command, their order and their times."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from shared.contracts.applications import CallOpened
from shared.database import Sessions
from shared.kernel.ids import new_id
from shared.messaging.outbox import publish
from shared.messaging.tables import OutboxRow
from tests.integration.messaging.conftest import NOW, context_of


@pytest.mark.parametrize("count", [1, 2, 500])
async def test_events_of_a_command_are_in_order_and_published_at_once(engine: AsyncEngine, sessions: Sessions, count: int) -> None:
    sent: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2]))
    opened = CallOpened(call_id=new_id(), region="be-kortrijk", opened_at=NOW)
    async with sessions.begin() as session:
        written = [publish(context_of(session), opened, reason="test", policy_id="p") for _ in range(count)]
    assert len(sent) == 1
    async with sessions() as session:
        rows = (await session.scalars(select(OutboxRow).order_by(col(OutboxRow.position)))).all()
    assert [row.event_id for row in rows] == written


async def test_time_of_an_aggregates_events_never_decreases(sessions: Sessions) -> None:
    """An event of a clock that is behind gets the time of the event before it; events of other aggregates keep theirs."""
    one, other = new_id(), new_id()
    for key, hours in ((one, 5), (one, 0), (other, 1), (one, 6), (one, 2), (one, 2)):
        opened = CallOpened(call_id=key, region="be-kortrijk", opened_at=NOW)
        async with sessions.begin() as session:
            publish(context_of(session, NOW + timedelta(hours=hours)), opened, reason="test", policy_id="p")
    async with sessions() as session:
        rows = (await session.scalars(select(OutboxRow).order_by(col(OutboxRow.position)))).all()
    dated = [(row.key, (row.time - NOW) // timedelta(hours=1)) for row in rows]
    assert dated == [(one, 5), (one, 5), (other, 1), (one, 6), (one, 6), (one, 6)]
