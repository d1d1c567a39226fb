"""The inbox on real PostgreSQL: duplicates, wrong order, unreadable messages, transient failures, outages."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text

from shared.contracts.applications import CallOpened
from shared.database import Sessions
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import NotYet, Transient, Unavailable
from shared.kernel.ids import new_id
from shared.messaging import inbox as inbox_module
from shared.messaging.context import Context
from shared.messaging.dead_letters import requeue_dead_letters
from shared.messaging.envelope import Delivery
from shared.messaging.inbox import Inbox
from shared.policy.resolver import PolicyBook
from tests.integration.messaging.conftest import NOW, Write, deliver


class Effects:
    """A handler that writes one row per event, and raises the failures that the test has set."""

    def __init__(self) -> None:
        self.failures: dict[uuid.UUID, list[Exception]] = {}

    async def __call__(self, context: Context, event: Any) -> None:
        await context.session.execute(
            text("INSERT INTO effects (event_id, key) VALUES (:id, :key)"), {"id": context.event_id, "key": event.call_id}
        )
        if self.failures.get(event.call_id):
            raise self.failures[event.call_id].pop(0)


@pytest.fixture
def effects() -> Effects:
    return Effects()


@pytest.fixture
def inbox(sessions: Sessions, effects: Effects) -> Inbox:
    return Inbox("evaluation", sessions, ProgrammeClock(), PolicyBook([]), {CallOpened: effects}, attempts=3, pause=0.001)


async def column(sessions: Sessions, query: str) -> list[Any]:
    async with sessions() as session:
        return list((await session.execute(text(query))).scalars())


async def effective(sessions: Sessions) -> list[uuid.UUID]:
    return await column(sessions, "SELECT event_id FROM effects ORDER BY number")


async def test_message_delivered_five_times_takes_effect_once(inbox: Inbox, sessions: Sessions, write: Write) -> None:
    event = await write()
    message = await deliver(sessions, event)
    await inbox.take([message, message])
    await inbox.take([message])
    await inbox.take([message, message])
    assert await effective(sessions) == [event]


async def test_message_of_two_concurrent_consumers_is_applied_once(inbox: Inbox, sessions: Sessions, write: Write) -> None:
    import asyncio

    messages = [await deliver(sessions, await write()) for _ in range(20)]
    await asyncio.gather(*(inbox.take(messages) for _ in range(5)))
    assert len(await effective(sessions)) == 20


async def test_early_events_are_parked_until_the_predecessor_arrives(
    inbox: Inbox, effects: Effects, sessions: Sessions, write: Write
) -> None:
    """They are then applied in their order."""
    key = new_id()
    early, later, predecessor = [await write(key) for _ in range(3)]
    effects.failures[key] = [NotYet(key)] * 3  # the first in the batch, then each alone
    await inbox.take([await deliver(sessions, early), await deliver(sessions, later)])
    assert await effective(sessions) == []
    assert await column(sessions, "SELECT event_id FROM parked ORDER BY position") == [early, later]

    await inbox.take([await deliver(sessions, predecessor)])
    assert await effective(sessions) == [predecessor, early, later]
    assert await column(sessions, "SELECT event_id FROM parked") == []


async def test_parked_events_that_stay_do_not_delay_later_ones(
    inbox: Inbox, effects: Effects, sessions: Sessions, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "PAGE", 2)
    keys = [new_id() for _ in range(5)]
    effects.failures = {key: [NotYet(key)] * 9 for key in keys[:4]} | {keys[4]: [NotYet(keys[4])]}
    await inbox.take([await deliver(sessions, await write(key)) for key in keys])
    assert await column(sessions, "SELECT count(*) FROM parked") == [5]
    await inbox.retry_parked()
    assert await column(sessions, "SELECT key FROM effects") == [keys[4]]
    assert await column(sessions, "SELECT count(*) FROM parked") == [4]


async def test_failed_batch_affects_only_the_message_at_fault(inbox: Inbox, effects: Effects, sessions: Sessions, write: Write) -> None:
    bad = new_id()
    effects.failures[bad] = [ValueError("cannot be")] * 2
    events = [await write(), await write(bad), await write()]
    await inbox.take([await deliver(sessions, event) for event in events])
    assert await effective(sessions) == [events[0], events[2]]
    assert await column(sessions, "SELECT id FROM dead_letters") == [events[1]]
    assert await column(sessions, "SELECT key FROM outbox WHERE topic = 'evaluation.dead-letters'") == [events[1]]


async def test_unreadable_message_is_stored_as_one_dead_letter(inbox: Inbox, sessions: Sessions) -> None:
    poison = Delivery("applications.calls", {"ce_type": CallOpened.type}, b"\xff\x00 not json")
    await inbox.take([poison])
    await inbox.take([poison])
    assert await column(sessions, "SELECT body FROM dead_letters") == [b"\xff\x00 not json"]


async def test_transient_failure_is_retried_then_a_dead_letter(inbox: Inbox, effects: Effects, sessions: Sessions, write: Write) -> None:
    passing, lasting = new_id(), new_id()
    effects.failures = {passing: [Transient("busy")] * 3, lasting: [Transient("busy")] * 99}
    await inbox.take([await deliver(sessions, event) for event in [await write(passing), await write(lasting)]])
    assert await column(sessions, "SELECT key FROM effects") == [passing]
    assert await column(sessions, "SELECT attempts FROM dead_letters") == [3]


async def test_outage_is_retried_beyond_the_number_of_attempts(inbox: Inbox, effects: Effects, sessions: Sessions, write: Write) -> None:
    key = new_id()
    effects.failures[key] = [Unavailable("temporal is down")] * 6
    await inbox.take([await deliver(sessions, await write(key))])
    assert await column(sessions, "SELECT key FROM effects") == [key]
    assert await column(sessions, "SELECT id FROM dead_letters") == []


async def test_requeued_dead_letter_takes_effect_once(inbox: Inbox, effects: Effects, sessions: Sessions, write: Write) -> None:
    key = new_id()
    effects.failures[key] = [ValueError("defect")] * 2
    event = await write(key)
    await inbox.take([await deliver(sessions, event)])
    for _ in range(2):
        async with sessions.begin() as session:
            await requeue_dead_letters(session, None, NOW)
        await inbox.retry_parked()
    assert await effective(sessions) == [event]
    assert await column(sessions, "SELECT count(*) FROM parked") == [0]


async def test_unknown_field_is_ignored_missing_one_is_a_dead_letter(inbox: Inbox, sessions: Sessions, write: Write) -> None:
    """A later version of the producer may add fields."""
    whole = await deliver(sessions, await write())
    wider = Delivery(whole.topic, whole.headers, whole.body[:-1] + b',"colour":"blue"}')
    lesser = await deliver(sessions, await write())
    await inbox.take([wider, Delivery(lesser.topic, lesser.headers, b'{"region":"be-kortrijk"}')])
    assert len(await effective(sessions)) == 1
    [error] = await column(sessions, "SELECT error FROM dead_letters")
    assert "call_id: missing" in error
