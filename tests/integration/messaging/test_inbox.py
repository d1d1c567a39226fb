"""The inbox on real PostgreSQL: duplicates, wrong order, unreadable messages, transient failures, outages."""

import uuid
from dataclasses import replace
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
from shared.messaging.dead_letters import discard_dead_letters, requeue_dead_letters
from shared.messaging.envelope import Delivery
from shared.messaging.inbox import Inbox
from shared.messaging.signature import KEY_ID, SIGNATURE, PublicKeys, Signer, generate_private_key
from shared.policy.resolver import PolicyBook
from tests.integration.messaging.conftest import NOW, Write, deliver
from tests.support.event_keys import KEYS, SIGNERS, signed


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
    return Inbox("evaluation", KEYS, sessions, ProgrammeClock(), PolicyBook([]), {CallOpened: effects}, attempts=3, pause=0.001)


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
    poison = Delivery("applications.calls", b"", {"ce_type": CallOpened.type}, b"\xff\x00 not json")
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
    wider = signed(replace(whole, body=whole.body[:-1] + b',"colour":"blue"}'))
    lesser = await deliver(sessions, await write())
    await inbox.take([wider, signed(replace(lesser, body=b'{"region":"be-kortrijk"}'))])
    assert len(await effective(sessions)) == 1
    [error] = await column(sessions, "SELECT error FROM dead_letters")
    assert "call_id: missing" in error


def unsigned(delivery: Delivery) -> Delivery:
    return replace(delivery, headers={name: value for name, value in delivery.headers.items() if name not in (KEY_ID, SIGNATURE)})


def inbox_that_knows(keys: PublicKeys, sessions: Sessions, effects: Effects) -> Inbox:
    return Inbox("evaluation", keys, sessions, ProgrammeClock(), PolicyBook([]), {CallOpened: effects}, attempts=3, pause=0.001)


async def requeued(sessions: Sessions, inbox: Inbox) -> None:
    async with sessions.begin() as session:
        await requeue_dead_letters(session, None, NOW)
    await inbox.retry_parked()


async def test_forged_message_is_refused_at_each_replay(inbox: Inbox, sessions: Sessions, write: Write) -> None:
    """And one that is discarded is no longer requeued."""
    forged = unsigned(await deliver(sessions, await write()))
    await inbox.take([forged])
    for _ in range(2):
        await requeued(sessions, inbox)
        assert await column(sessions, "SELECT error FROM dead_letters WHERE replayed_at IS NULL") == [
            "EventRefused: unsigned: the message has no signature"
        ]
        assert await column(sessions, "SELECT event_id FROM parked") == []
    async with sessions.begin() as session:
        assert await discard_dead_letters(session, await column(sessions, "SELECT id FROM dead_letters"), NOW) == 1
    await requeued(sessions, inbox)
    assert await column(sessions, "SELECT id FROM dead_letters WHERE replayed_at IS NULL") == []
    assert await effective(sessions) == []


async def test_forgery_takes_no_place_of_the_event_whose_id_it_bears(
    inbox: Inbox, effects: Effects, sessions: Sessions, write: Write
) -> None:
    """Neither of a parked event, nor of a dead letter, nor of one that has not come yet."""
    key, bad = new_id(), new_id()
    parked, letter, later = [await deliver(sessions, await write(one)) for one in (key, bad, None)]
    effects.failures = {key: [NotYet(key)] * 2, bad: [ValueError("defect")] * 2}
    await inbox.take([parked])
    await inbox.take([letter])
    await inbox.take([unsigned(it) for it in (parked, letter, later)])
    assert await column(sessions, "SELECT count(*) FROM dead_letters") == [4]
    await inbox.take([later])
    await requeued(sessions, inbox)
    assert sorted(await effective(sessions)) == sorted([parked.id, letter.id, later.id])


async def test_parked_event_is_checked_again_when_it_is_retried(inbox: Inbox, effects: Effects, sessions: Sessions, write: Write) -> None:
    key = new_id()
    effects.failures[key] = [NotYet(key)] * 2
    await inbox.take([await deliver(sessions, await write(key))])
    async with sessions.begin() as session:
        await session.execute(text("UPDATE parked SET body = body || ' '"))
    await inbox.retry_parked()
    assert await effective(sessions) == []
    assert len(await column(sessions, "SELECT id FROM dead_letters")) == 1


async def test_event_refused_for_an_unknown_key_is_replayed_with_it(effects: Effects, sessions: Sessions, write: Write) -> None:
    """An operator had forgotten the new public key; in its place the event is parked once, under its own id."""
    key = new_id()
    event = await write(key)
    await inbox_that_knows(PublicKeys({}), sessions, effects).take([await deliver(sessions, event)])
    effects.failures[key] = [NotYet(key)] * 2
    await requeued(sessions, inbox := inbox_that_knows(KEYS, sessions, effects))
    assert await column(sessions, "SELECT event_id FROM parked") == [event]
    await inbox.retry_parked()
    assert await effective(sessions) == [event]
    assert await column(sessions, "SELECT count(*) FROM parked") == [0]


async def test_known_event_under_a_retired_key_raises_no_alarm(inbox: Inbox, effects: Effects, sessions: Sessions, write: Write) -> None:
    """A new consumer group reads again what the broker still holds."""
    message = await deliver(sessions, await write())
    await inbox.take([message])
    await inbox_that_knows(PublicKeys({}), sessions, effects).take([message, unsigned(message)])
    assert await column(sessions, "SELECT id FROM dead_letters") == []
    assert len(await effective(sessions)) == 1


async def test_republished_event_renews_the_signature_of_a_parked_one(
    inbox: Inbox, effects: Effects, sessions: Sessions, write: Write
) -> None:
    """So that it survives the end of the key under which it was parked."""
    key, new = new_id(), Signer("applications", generate_private_key())
    message = await deliver(sessions, await write(key))
    effects.failures[key] = [NotYet(key)] * 4
    await inbox.take([message])
    both = PublicKeys({"applications": [SIGNERS["applications"].public_key, new.public_key]})
    await inbox_that_knows(both, sessions, effects).take([signed(message, new)])
    await inbox_that_knows(PublicKeys({"applications": [new.public_key]}), sessions, effects).retry_parked()
    assert await effective(sessions) == [message.id]
