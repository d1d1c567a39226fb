"""The outbox: the events of a command, their order and their times."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from shared.contracts.applications import ApplicationFoundIneligible, CallOpened
from shared.database import Sessions
from shared.identity.actor import Actor, Role, grants
from shared.identity.duties import Duty
from shared.kernel.errors import Forbidden
from shared.kernel.ids import new_id
from shared.messaging.acts import take_part
from shared.messaging.outbox import publish
from shared.messaging.tables import OutboxRow
from shared.messaging.unwritten import write_later
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


async def test_events_of_a_savepoint_share_its_fate(sessions: Sessions) -> None:
    opened = CallOpened(call_id=new_id(), region="be-kortrijk", opened_at=NOW)
    async with sessions.begin() as session:
        context = context_of(session)
        before = publish(context, opened, reason="before", policy_id="p")
        async with session.begin_nested() as savepoint:
            publish(context, opened, reason="rolled-back", policy_id="p")
            await savepoint.rollback()
        async with session.begin_nested():
            kept = publish(context, opened, reason="kept", policy_id="p")
        after = publish(context, opened, reason="after", policy_id="p")
    async with sessions() as session:
        rows = (await session.scalars(select(OutboxRow).order_by(col(OutboxRow.position)))).all()
    assert [(row.event_id, row.reason) for row in rows] == [(before, "before"), (kept, "kept"), (after, "after")]


async def test_events_of_a_rolled_back_transaction_are_forgotten(sessions: Sessions) -> None:
    opened = CallOpened(call_id=new_id(), region="be-kortrijk", opened_at=NOW)
    async with sessions() as session:
        publish(context_of(session), opened, reason="rolled-back", policy_id="p")
        await session.rollback()
        written = publish(context_of(session), opened, reason="written", policy_id="p")
        await session.commit()
        assert list(await session.scalars(select(OutboxRow.event_id))) == [written]


async def test_rows_that_nobody_reads_are_written_at_the_end(engine: AsyncEngine, sessions: Sessions) -> None:
    """By one statement, unless their savepoint or their transaction is rolled back."""
    effect = text("INSERT INTO effects (event_id, key) VALUES (:id, :id)")
    ids, sent = [new_id() for _ in range(6)], list[str]()
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2]))
    async with sessions() as session:
        write_later(session, effect, {"id": ids[0]})
        await session.rollback()
        write_later(session, effect, {"id": ids[1]})
        async with session.begin_nested() as savepoint:
            write_later(session, effect, {"id": ids[2]})
            await savepoint.rollback()
        for id_ in ids[3:]:
            write_later(session, effect, {"id": id_})
        await session.commit()
    assert [statement.split()[0] for statement in sent].count("INSERT") == 1
    async with sessions() as session:
        assert list(await session.scalars(text("SELECT event_id FROM effects ORDER BY number"))) == [ids[1], *ids[3:]]


async def test_act_is_seen_in_the_transaction_that_published_it(engine: AsyncEngine, sessions: Sessions) -> None:
    """Of many acts of an officer in a call, only those of a duty that does not go with the new one are read."""
    call, person = new_id(), Actor("officer-1", grants({Role.OFFICER}, {"be-kortrijk"}))
    found = [
        ApplicationFoundIneligible(application_id=new_id(), call_id=call, region="be-kortrijk", sequence=n, rules=["r"])
        for n in range(1, 51)
    ]
    async with sessions.begin() as session:
        context = replace(context_of(session), actor=person)
        for event_ in found:
            publish(context, event_, reason="r", policy_id="p")
        await take_part(context, Duty.SCREEN, new_id(), call_id=call)
        with pytest.raises(Forbidden, match="screen"):
            await take_part(context, Duty.APPLY, new_id(), call_id=call)
        read: list[int] = []
        event.listen(engine.sync_engine, "after_cursor_execute", lambda *arguments: read.append(arguments[1].rowcount))
        await take_part(context, Duty.SCREEN, found[0].application_id, call_id=call)
    assert sum(count for count in read if count > 0) <= 1


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
