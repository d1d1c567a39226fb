"""The relay on real PostgreSQL and both brokers: order, two relays, crash after sending, data loss of the broker."""

import asyncio
import contextlib
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from deploy.embedded.ports import free_port
from deploy.embedded.servers import PostgreSQL
from shared.database import Sessions
from shared.kernel.ids import new_id
from shared.messaging.broker import offset_reader
from shared.messaging.profile import BrokerKind
from shared.messaging.relay import Relay
from shared.messaging.signature import Signer, generate_private_key
from shared.runtime.worker import own_topics
from simulation.chaos.proxy import Proxy
from tests.integration.messaging.conftest import OwnBroker, Write
from tests.support.desk import SEALING
from tests.support.event_keys import KEYS, SIGNERS


def relay(url: str, broker: OwnBroker) -> Relay:
    return Relay(SIGNERS["applications"], SEALING, url, broker.address, own_topics("applications"), broker.profile, sweep_seconds=0.3)


@contextlib.asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def all_published(sessions: Sessions, within: float = 20) -> None:
    async with asyncio.timeout(within):
        while True:
            async with sessions() as session:
                if not (await session.execute(text("SELECT count(*) FROM outbox WHERE published_at IS NULL"))).scalar():
                    return
            await asyncio.sleep(0.05)


async def records_on_the_broker(bootstrap: str, count: int, within: float = 20, distinct: bool = False) -> list[Any]:
    """The first `count` records of the calls topic, in order per partition; `distinct`: repetitions come on top."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=20, metadata_max_age_ms=500)
    await consumer.start()
    consumer.subscribe(["applications.calls"])  # only now: a start fails if one broker knows the topic and the next does not yet
    try:
        got: list[Any] = []
        async with asyncio.timeout(within):
            while len({identity(record) for record in got} if distinct else got) < count:
                got.append(await consumer.getone())
        return got
    finally:
        await consumer.stop()


async def on_the_broker(bootstrap: str, count: int, within: float = 20, distinct: bool = False) -> list[tuple[str, str]]:
    """The first `count` (key, event id) of the calls topic."""
    return [identity(record) for record in await records_on_the_broker(bootstrap, count, within, distinct)]


def identity(record: Any) -> tuple[str, str]:
    return record.key.decode(), dict(record.headers)["ce_id"].decode()


async def test_events_of_a_batch_share_one_signature(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    for _ in range(20):
        await write()
    async with running(relay(url, own_broker)):
        records = await records_on_the_broker(own_broker.address, 20)
    assert len({dict(record.headers)["ce_signature"] for record in records}) == 1
    for record in records:
        headers = {name: value.decode() for name, value in record.headers}
        KEYS.check(record.topic, record.key, headers, record.value, "applications.calls")


async def test_events_of_one_key_arrive_in_the_order_of_writing(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    keys = [new_id() for _ in range(5)]
    written: dict[str, list[str]] = defaultdict(list)
    async with running(relay(url, own_broker)):
        for number in range(40):
            key = keys[number % 5]
            written[str(key)].append(str(await write(key)))
        await all_published(sessions)
    arrived: dict[str, list[str]] = defaultdict(list)
    for key_text, event in await on_the_broker(own_broker.address, 40):
        arrived[key_text].append(event)
    assert arrived == written


async def test_second_relay_stands_by_and_takes_over(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    first, second = relay(url, own_broker), relay(url, own_broker)
    task = asyncio.create_task(first.run())
    async with asyncio.timeout(15):
        while not first.leading:
            await asyncio.sleep(0.05)
    async with running(second):
        await write()
        await all_published(sessions)
        assert (first.leading, second.leading) == (True, False)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await write()
        await all_published(sessions)
        assert second.leading
    assert len(await on_the_broker(own_broker.address, 2)) == 2


@pytest.mark.parametrize("own_broker", [BrokerKind.TANSU], indirect=True)  # it is about the database
@pytest.mark.parametrize(
    ("where", "half_a_statement"),
    [("check_data_loss", False), ("_save_checkpoints", False), ("_save_checkpoints", True)],
    ids=["between transactions", "in a transaction", "between prepare and execute"],
)
async def test_stranded_leader_stops_and_its_lease_ends(
    url: str,
    sessions: Sessions,
    write: Write,
    own_broker: OwnBroker,
    postgres: PostgreSQL,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    half_a_statement: bool,
) -> None:
    """Its connection is open at one end only."""
    monkeypatch.setattr("shared.messaging.relay.STATEMENT_TIMEOUT_SECONDS", 2)
    monkeypatch.setattr("shared.messaging.relay.LEASE_SECONDS", 3)
    proxy = Proxy(free_port(), postgres.port)
    await proxy.start()
    one, stranded = relay(url.replace(f":{postgres.port}/", f":{proxy.port}/"), own_broker), asyncio.Event()
    goes_on = getattr(one, where)

    async def on_a_stranded_connection(database: asyncpg.Connection, *rest: Any) -> Any:
        if one.leading and not stranded.is_set():
            if half_a_statement:
                await database.prepare("SELECT 'not yet executed'")
            proxy.strand(lambda _: True)
            stranded.set()
        return await goes_on(database, *rest)

    monkeypatch.setattr(one, where, on_a_stranded_connection)
    async with running(one):
        await write()
        async with asyncio.timeout(10):
            await stranded.wait()
        await write()
        await all_published(sessions, within=30)
    await proxy.stop()


async def test_relay_continues_after_any_failure(
    url: str, sessions: Sessions, write: Write, own_broker: OwnBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's internal error occurs between PostgreSQL's last message on a connection and the end of the connection; the
    cancellation is that of a task of the broker's client."""
    one = relay(url, own_broker)
    publish_batch = one.publish_batch
    breaks = [asyncpg.InternalClientError("another operation is in progress"), AttributeError("anything"), asyncio.CancelledError()]

    async def at_first_breaking(*clients: Any) -> int:
        if breaks:
            raise breaks.pop()
        return await publish_batch(*clients)

    monkeypatch.setattr(one, "publish_batch", at_first_breaking)
    async with running(one):
        await write(new_id())
        await all_published(sessions)
    assert not breaks


async def test_closing_a_new_client_does_not_cancel_the_caller(own_broker: OwnBroker) -> None:
    ours = asyncio.current_task()
    assert ours is not None
    for _ in range(5):
        async with offset_reader(own_broker.address, own_broker.profile) as consumer:
            pass
        assert consumer._client._sync_task is None  # to its end: nothing runs on unseen
    assert ours.cancelling() == 0


async def test_relay_killed_between_sending_and_marking_sends_again(
    url: str, sessions: Sessions, write: Write, own_broker: OwnBroker
) -> None:
    event = await write()
    async with running(relay(url, own_broker)):
        await all_published(sessions)
    async with sessions.begin() as session:  # as a crash before the mark leaves it
        await session.execute(text("UPDATE outbox SET published_at = NULL"))
    async with running(relay(url, own_broker)):
        await all_published(sessions)
    assert [id for _, id in await on_the_broker(own_broker.address, 2)] == [str(event)] * 2


async def test_data_loss_of_the_broker_republishes_the_event_log(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    """While the relay runs, and when it starts."""
    events = {str(await write()) for _ in range(25)}
    async with running(relay(url, own_broker)):
        await all_published(sessions)
        await own_broker.restart_empty()
        assert {id for _, id in await on_the_broker(own_broker.address, 25, within=40)} == events
    await own_broker.restart_empty()
    async with running(relay(url, own_broker)):
        assert {id for _, id in await on_the_broker(own_broker.address, 25, within=40)} == events


async def test_key_in_backoff_does_not_delay_republishing(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    key = new_id()
    event = str(await write(key))
    async with running(relay(url, own_broker)):
        await all_published(sessions)
    await own_broker.restart_empty()
    other = relay(url, own_broker)
    other.backoff_until[key] = time.monotonic() + 3600
    async with running(other):
        assert [id for _, id in await on_the_broker(own_broker.address, 1, within=40)] == [event]


async def test_complete_broker_gets_nothing_again(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    await asyncio.gather(*(write() for _ in range(60)))  # many keys at once: several messages in a batch of the broker
    async with running(relay(url, own_broker)):
        await all_published(sessions)
        await asyncio.sleep(2)
    assert len(await on_the_broker(own_broker.address, 60)) == 60
    with contextlib.suppress(TimeoutError):
        assert len(await on_the_broker(own_broker.address, 61, within=2)) == 60


FORGED = """
    INSERT INTO outbox (event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, body, mac, published_at)
    SELECT gen_random_uuid(), topic, key, type, time, actor, reason, policy_id, correlation_id, body, {mac}, {published_at}
    FROM outbox LIMIT 1
"""


async def test_row_that_no_process_wrote_is_never_published(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    """With the password of the runtime role; neither at first nor when the log is published again."""
    key = new_id()
    events = [str(await write(key))]
    async with sessions.begin() as session:
        for mac, published_at in (("mac", "NULL"), ("decode(repeat('00', 40), 'hex')", "NULL"), ("mac", "now()")):
            await session.execute(text(FORGED.format(mac=mac, published_at=published_at)))
    events.append(str(await write(key)))
    with capture_logs() as logs:
        async with running(relay(url, own_broker)):
            assert [id for _, id in await on_the_broker(own_broker.address, 2)] == events
            await own_broker.restart_empty()
            assert [id for _, id in await on_the_broker(own_broker.address, 2, within=40)] == events
    refused = [line for line in logs if line["event"] == "event refused"]
    assert [(line["log_level"], line["code"]) for line in refused] == [("error", "wrong-mac")] * 3


async def test_row_without_a_mac_is_refused_by_the_database(sessions: Sessions, write: Write) -> None:
    await write()
    with pytest.raises(IntegrityError, match="mac_since"):
        async with sessions.begin() as session:
            await session.execute(text(FORGED.format(mac="NULL", published_at="NULL")))


async def test_interrupted_republishing_starts_over(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    events = {str(await write()) for _ in range(5)}
    async with running(relay(url, own_broker)):
        await all_published(sessions)
    await own_broker.restart_empty()
    database = await asyncpg.connect(url.replace("+asyncpg", ""))
    await database.execute("UPDATE outbox_checkpoints SET republishing = true, next_offset = 0")  # as if only the ends had been reached
    await database.close()
    async with running(relay(url, own_broker)):
        assert {id for _, id in await on_the_broker(own_broker.address, 5, within=40)} == events


async def test_relay_with_a_new_key_republishes_the_event_log(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    """Once: a consumer that has not had the old messages then needs the new public key only. Unsigned ones of before count as another
    key's."""
    events = {str(await write()) for _ in range(5)}
    async with running(relay(url, own_broker)):
        await all_published(sessions)
    new = relay(url, own_broker)
    new.signer = Signer("applications", generate_private_key())
    for _ in range(2):
        async with running(new):
            assert {id for _, id in await on_the_broker(own_broker.address, 10)} == events
            await asyncio.sleep(1)  # time for a repetition, were there one
    with contextlib.suppress(TimeoutError):
        assert len(await on_the_broker(own_broker.address, 11, within=2)) == 10
    async with offset_reader(own_broker.address, own_broker.profile) as consumer:
        consumer.assign([TopicPartition("applications.calls", number) for number in range(own_broker.profile.partitions)])
        await consumer.seek_to_beginning()
        signers = Counter([dict((await consumer.getone()).headers)["ce_keyid"].decode() for _ in range(10)])
    assert signers == {SIGNERS["applications"].key_id: 5, new.signer.key_id: 5}


async def test_uncommitted_event_is_never_published(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    from shared.contracts.applications import CallOpened
    from shared.messaging.outbox import publish
    from shared.messaging.unwritten import write_events
    from tests.integration.messaging.conftest import NOW, context_of

    async with running(relay(url, own_broker)):
        async with sessions() as session:
            publish(context_of(session), CallOpened(call_id=uuid.UUID(int=1), region="r", opened_at=NOW), reason="test", policy_id="p")
            await write_events(session)
            await asyncio.sleep(0.5)
            await session.rollback()
        kept = str(await write())
        await all_published(sessions)
    assert [id for _, id in await on_the_broker(own_broker.address, 1)] == [kept]


async def test_killed_broker_loses_no_event(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    """Neither events acknowledged before the kill nor events written while it was down."""
    events = {str(await write()) for _ in range(20)}
    async with running(relay(url, own_broker)):
        await all_published(sessions)
        own_broker.kill()
        events |= {str(await write()) for _ in range(20)}
        await asyncio.sleep(1)  # time to try in vain
        await own_broker.start()
        await all_published(sessions, within=60)
    assert {id for _, id in await on_the_broker(own_broker.address, 40, distinct=True)} == events


async def test_relay_stops_in_time_while_the_broker_is_down(url: str, sessions: Sessions, write: Write, own_broker: OwnBroker) -> None:
    """A message is still in flight."""
    await write()
    one = relay(url, own_broker)
    task = asyncio.create_task(one.run())
    await all_published(sessions)
    own_broker.kill()
    await write()
    await asyncio.sleep(1)
    task.cancel()
    async with asyncio.timeout(12):
        await asyncio.gather(task, return_exceptions=True)
