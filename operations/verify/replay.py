"""`triptych verify --replay`: sends events a second time, with their own ids, and compares all tables before and after."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from operations.verify.breach import Breach
from operations.verify.consumers import CONSUMERS
from operations.verify.gather import snapshot
from shared.contracts import ALL
from shared.kernel.services import SERVICES
from shared.messaging.broker import client_options
from shared.messaging.envelope import message_of
from shared.messaging.incarnation import consumer_group, read_incarnation
from shared.messaging.profile import BrokerProfile
from shared.messaging.signature import Signer

SAMPLE = "SELECT * FROM outbox WHERE published_at IS NOT NULL AND type NOT LIKE 'messaging.%'"
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND c.relname NOT IN ('outbox_checkpoints', 'chain_links') ORDER BY 1
"""
LOOKS = """
    SELECT count(*) FROM outbox
    WHERE type LIKE 'vouchers.MilestoneReached.%' AND body ->> 'kind' = 'retention-due' OR type LIKE '%TasksCounted.%'
"""
SENT = "SELECT count(*) FROM mails WHERE state <> 'waiting'"
CHECKSUM = """SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM "{table}" t"""
FOLLOWING = ("applications.retention_runs", "people.task_counts")
"""What changes some time after a daily look: removals of what it found due, and mails about what waits."""
CONSUMED_WITHIN_SECONDS = 120
ATTEMPTS = 3
Checksums = dict[str, str]


async def replay_events(
    urls: Mapping[str, str], signers: Mapping[str, Signer], bootstrap: str, profile: BrokerProfile, count: int
) -> tuple[int, list[Breach]]:
    """Returns how many events were sent again, and a breach for each table that changed.

    The platform must have no work in flight, and its workers must run. Where a daily look at a region's cases or tasks falls between the
    two comparisons, or what follows from an earlier one, or a mail is sent, all is done again. `urls` are those of the read-only role;
    `signers` sign for each service. Raises TimeoutError when the consumers do not commit the offsets of what was sent.
    """
    for _ in range(ATTEMPTS):
        looks, before = await _looks(urls), await checksums(urls)
        sent = await _send_again(urls, signers, client_options(bootstrap, profile), count)
        await _wait_until_consumed(bootstrap, profile, sent)
        after = await checksums(urls)
        if await _looks(urls) == looks and all(before[table] == after[table] for table in FOLLOWING):
            break
    changed = [table for table in before if before[table] != after[table]]
    detail = "changed when events were replayed: {} before, {} after"
    return len(sent), [Breach(7, f"table {table}", detail.format(before[table], after[table])) for table in changed]


async def _looks(urls: Mapping[str, str]) -> int:
    """How many daily looks at the cases, and at the tasks, of a region were announced, and how many mails were sent."""
    found = 0
    for service in SERVICES:
        async with snapshot(urls[service]) as database:
            found += int(await database.fetchval(LOOKS))
            found += int(await database.fetchval(SENT)) if service == "people" else 0
    return found


async def checksums(urls: Mapping[str, str]) -> Checksums:
    """'<service>.<table>' → count and hash of all rows, without the relay's checkpoints, which follow the broker, and the
    links of the hash chains, which follow the log."""
    sums: Checksums = {}
    for service in SERVICES:
        async with snapshot(urls[service]) as database:
            for record in await database.fetch(TABLES):
                table = record["relname"]
                sums[f"{service}.{table}"] = await database.fetchval(CHECKSUM.format(table=table))
    return sums


async def _send_again(urls: Mapping[str, str], signers: Mapping[str, Signer], options: dict[str, Any], count: int) -> list[Any]:
    """Sends a random sample of all logs in random order, which consumers must tolerate too. Returns the broker's record of each."""
    logged: list[tuple[str, asyncpg.Record]] = []
    for service in SERVICES:
        database = await asyncpg.connect(urls[service])
        try:
            logged += [(service, record) for record in await database.fetch(SAMPLE)]
        finally:
            await database.close()
    producer = AIOKafkaProducer(**options, acks="all", enable_idempotence=False)
    try:
        await producer.start()
        sample = random.sample(logged, min(count, len(logged)))
        return [await producer.send_and_wait(**message_of(signers[service], record)) for service, record in sample]
    finally:
        await producer.stop()


async def _wait_until_consumed(bootstrap: str, profile: BrokerProfile, sent: list[Any]) -> None:
    """Waits until each service has committed, in any of its consumer groups, the offsets of what was sent on the topics that it reads."""
    ends: dict[TopicPartition, int] = {}
    for record in sent:
        partition = TopicPartition(record.topic, record.partition)
        ends[partition] = max(ends.get(partition, 0), record.offset + 1)
    options = client_options(bootstrap, profile)
    async with asyncio.timeout(CONSUMED_WITHIN_SECONDS):
        incarnation, groups = await read_incarnation(bootstrap, profile) or "", await _groups(options)
        for service in CONSUMERS:
            own_groups = {group for group in groups if group.startswith(f"{service}.") and incarnation in group}
            own_ends = {partition: end for partition, end in ends.items() if partition.topic in _topics_of(service)}
            await _wait_for_offsets(options, own_groups or {consumer_group(service, incarnation)}, own_ends)


async def _groups(options: dict[str, Any]) -> list[str]:
    admin = AIOKafkaAdminClient(**options)
    await admin.start()
    try:
        return [name for name, *_ in await admin.list_consumer_groups()]
    finally:
        await admin.close()


async def _wait_for_offsets(options: dict[str, Any], groups: set[str], ends: Mapping[TopicPartition, int]) -> None:
    async with AsyncExitStack() as stack:
        clients = [AIOKafkaConsumer(**options, group_id=group, enable_auto_commit=False) for group in groups]
        consumers = [await stack.enter_async_context(client) for client in clients]
        for partition, end in ends.items():
            while max([await consumer.committed(partition) or 0 for consumer in consumers]) < end:
                await asyncio.sleep(0.2)


def _topics_of(service: str) -> set[str]:
    return {contract.topic for contract in ALL if contract.type.split(".")[1] in CONSUMERS[service]}
