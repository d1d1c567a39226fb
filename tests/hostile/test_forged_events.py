"""Each contract, published to its topic on a real broker by somebody who may not: a dead letter, no effect, an alarm.

The workers of the services consume, and a reader that has a handler for every contract, also for those that no service consumes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from deploy.embedded.databases import create_database
from deploy.embedded.servers import PostgreSQL, Tansu
from shared.contracts import ALL
from shared.contracts.applications import CallOpened
from shared.database import create_engine
from shared.kernel.ids import new_id
from shared.kernel.services import owner_of
from shared.messaging.broker import ensure_topics, open_producer
from shared.messaging.context import Context
from shared.messaging.envelope import Delivery
from shared.messaging.event import Event
from shared.messaging.inbox import Handlers
from shared.messaging.profile import BrokerKind, profile_of
from shared.messaging.signature import KEY_ID, SIGNATURE, Signer, generate_private_key
from shared.messaging.signature import owner_of as signer_of
from shared.runtime.worker import Worker
from tests.conftest import FreshDatabase
from tests.integration.test_verify import HANDLERS
from tests.support.desk import delivery_of, service_settings
from tests.support.digest import digest
from tests.support.event_keys import PUBLIC_KEYS, SIGNERS, key_settings, signed, signed_together
from tests.support.verify_cases import BOOK, START

PROFILE = profile_of(BrokerKind.TANSU)
READER = generate_private_key()
MESSAGING = ("outbox", "outbox_checkpoints", "dead_letters", "chain_links")
"""Tables that refused messages change."""

pytestmark = pytest.mark.timeout(240)
contracts = pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.type)
Forge = Callable[[Delivery], Delivery]


def unsigned(delivery: Delivery) -> Delivery:
    return replace(delivery, headers={name: value for name, value in delivery.headers.items() if name not in (SIGNATURE, KEY_ID)})


def by_another_service(delivery: Delivery) -> Delivery:
    others = sorted(set(SIGNERS) - {signer_of(delivery.topic)})
    return signed(delivery, SIGNERS[others[0]])


def altered(delivery: Delivery) -> Delivery:
    return replace(delivery, body=delivery.body.replace(b'{"', b'{ "', 1))


def in_a_batch(delivery: Delivery) -> Delivery:
    """As the relay signs it together with another message."""
    return signed_together([unsigned(delivery)] * 2, SIGNERS[signer_of(delivery.topic)])[0]


FORGED: dict[str, tuple[str, Forge]] = {
    "unsigned": ("unsigned", unsigned),
    "signed by another service": ("foreign-signer", by_another_service),
    "altered": ("wrong-signature", altered),
    "altered in a signed batch": ("wrong-signature", lambda it: altered(in_a_batch(it))),
}
"""How a genuine message is forged, and the code with which it is refused."""


def example_of(contract: type[Event]) -> Event:
    """A valid event of the contract."""
    return contract.model_validate({name: _example(schema) for name, schema in contract.model_json_schema()["properties"].items()})


def _example(schema: dict[str, Any]) -> Any:
    if "anyOf" in schema:
        return None
    if "x-words" in schema:
        return schema["x-words"][0]
    formats = {"uuid": str(new_id()), "date-time": START, "date": START.date()}
    kinds = {"integer": 1, "boolean": True, "array": [], "string": "EUR" if schema.get("pattern") == "^[A-Z]{3}$" else "word"}
    return formats.get(schema.get("format", ""), kinds[schema["type"]])


@dataclass
class Installation:
    """`engines`: the databases of the services and of the reader. `sent`: what was published for a contract, by forgery."""

    bootstrap: str
    engines: dict[str, AsyncEngine] = field(default_factory=dict)
    logs: list[MutableMapping[str, Any]] = field(default_factory=list)
    sent: dict[tuple[str, str], Delivery] = field(default_factory=dict)
    before: dict[str, dict[str, str]] = field(default_factory=dict)

    async def publish(self, deliveries: Iterable[Delivery]) -> None:
        async with open_producer(self.bootstrap, PROFILE) as producer:
            for it in deliveries:
                headers = [(name, value.encode()) for name, value in it.headers.items()]
                await producer.send_and_wait(it.topic, it.body, key=it.key, headers=headers)

    async def rows(self, name: str, query: str, **values: Any) -> list[Any]:
        async with self.engines[name].connect() as connection:
            return list((await connection.execute(text(query), values)).all())

    async def errors(self, name: str, delivery: Delivery) -> list[str]:
        """The errors of the dead letters that this message has become."""
        query = "SELECT error FROM dead_letters WHERE topic = :topic AND key = :key AND body = :body AND headers = CAST(:headers AS jsonb)"
        values = {"topic": delivery.topic, "key": delivery.key, "body": delivery.body, "headers": json.dumps(delivery.headers)}
        return [row.error for row in await self.rows(name, query, **values)]

    async def until(self, name: str, query: str, count: int, within: float = 100) -> None:
        async with asyncio.timeout(within):
            while (await self.rows(name, f"SELECT count(*) FROM {query}"))[0][0] < count:
                await asyncio.sleep(0.1)


async def take_effect(context: Context, event: Any) -> None:
    await context.session.execute(text("INSERT INTO effects VALUES (:id)"), {"id": context.event_id})


@asynccontextmanager
async def consuming(installation: Installation, service: str, handlers: Handlers, url: str, **keys: Any) -> AsyncIterator[None]:
    engine = installation.engines[service] = create_engine(url)
    known = service_settings(url, installation.bootstrap, broker=BrokerKind.TANSU, **keys)
    async with Worker(service, known, engine, BOOK, handlers).started():
        yield
    await engine.dispose()


@pytest_asyncio.fixture(scope="module")
async def installation(
    postgres: PostgreSQL, roles: dict[str, str], template_of: FreshDatabase, server_folder: Path
) -> AsyncIterator[Installation]:
    """All forgeries of all contracts have been published, and have become dead letters of every consumer of the contract."""
    async with AsyncExitStack() as stack:
        admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
        stack.push_async_callback(admin.close)
        installation = Installation(stack.enter_context(Tansu(server_folder / "forged-broker")).address)
        installation.logs = stack.enter_context(capture_logs())
        for service in (*HANDLERS, "reader"):
            owner = service if service in HANDLERS else "evaluation"
            await create_database(admin, name := f"forged_{service}", owner, await template_of(owner), "FILE_COPY")
            stack.push_async_callback(admin.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
            url = postgres.url(name, owner, roles[owner])
            if service == "reader":
                as_owner = postgres.url(name, owner_of(owner), roles[owner_of(owner)])
                database = await asyncpg.connect(as_owner.replace("+asyncpg", ""))
                await database.execute(f'CREATE TABLE effects (event_id uuid PRIMARY KEY); GRANT ALL ON effects TO "{owner}"')
                await database.close()
                handlers: Handlers = dict.fromkeys(ALL, take_effect)
                keys = PUBLIC_KEYS | {"reader": (Signer("reader", READER).public_key,)}
                await stack.enter_async_context(
                    consuming(installation, service, handlers, url, event_signing_key=READER, event_public_keys=keys)
                )
            else:
                await stack.enter_async_context(consuming(installation, service, HANDLERS[service], url, **key_settings(service)))
        installation.before = {name: await digest(engine, *MESSAGING) for name, engine in installation.engines.items()}
        await publish_forgeries(installation)
        yield installation


async def publish_forgeries(installation: Installation) -> None:
    for contract in ALL:
        for name, (_, forge) in FORGED.items():
            installation.sent[contract.type, name] = forge(delivery_of(example_of(contract), START))
    await ensure_topics(installation.bootstrap, sorted({contract.topic for contract in ALL}), PROFILE)
    await installation.publish(installation.sent.values())
    for service, handlers in (*HANDLERS.items(), ("reader", ALL)):
        await installation.until(service, "dead_letters", len(handlers) * len(FORGED))


@contracts
async def test_forged_event_is_a_dead_letter(installation: Installation, contract: type[Event]) -> None:
    consumers = ["reader", *(service for service, handlers in HANDLERS.items() if contract in handlers)]
    for name, (code, _) in FORGED.items():
        for consumer in consumers:
            [error] = await installation.errors(consumer, installation.sent[contract.type, name])
            assert error.startswith(f"EventRefused: {code}: "), f"{name}, in {consumer}"


@contracts
async def test_forged_event_raises_an_alarm(installation: Installation, contract: type[Event]) -> None:
    """One at error level for each message and consumer, with a code."""
    alarms = [it for it in installation.logs if it["event"] == "event refused" and it["type"] == contract.type]
    consumers = ["reader", *(service for service, handlers in HANDLERS.items() if contract in handlers)]
    assert {it["log_level"] for it in alarms} == {"error"}
    codes = sorted(code for code, _ in FORGED.values())
    assert {it["service"]: sorted(its["code"] for its in alarms if its["service"] == it["service"]) for it in alarms} == dict.fromkeys(
        consumers, codes
    )


async def test_forged_events_change_no_table(installation: Installation) -> None:
    assert {name: await digest(engine, *MESSAGING) for name, engine in installation.engines.items()} == installation.before


async def test_genuine_event_of_each_contract_takes_effect(installation: Installation) -> None:
    """After all forgeries, which have blocked nothing; in any order of headers."""
    genuine = [delivery_of(example_of(contract), START) for contract in ALL]
    shuffled = [replace(it, headers=dict(sorted(it.headers.items(), reverse=True))) for it in genuine]
    refused = len(await installation.rows("reader", "SELECT id FROM dead_letters"))
    await installation.publish(shuffled)
    await installation.until("reader", "effects", len(ALL))
    assert len(await installation.rows("reader", "SELECT id FROM dead_letters")) == refused


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([("ce_type", CallOpened.type.encode()), ("ce_actor", b"\xff\xfe")], b"k"),
        ([("ce_type", CallOpened.type.encode()), ("ce_actor", b"a\0b")], b"k"),
        ([("ce_type", CallOpened.type.encode()), ("ce\0actor", b"a")], b"k"),
        ([("ce_type", CallOpened.type.encode()), ("ce_actor", None)], None),
        ([("ce_type", CallOpened.type.encode())], b"\0\xff"),
    ],
    ids=["no UTF-8", "NUL in a value", "NUL in a name", "no value, no key", "binary key"],
)
async def test_malformed_message_does_not_stop_the_consumer(
    installation: Installation, headers: list[tuple[str, bytes | None]], key: bytes | None
) -> None:
    topic, body = CallOpened.topic, str(new_id()).encode()
    later = delivery_of(example_of(CallOpened), START)
    async with open_producer(installation.bootstrap, PROFILE) as producer:
        for partition in range(PROFILE.partitions):
            await producer.send_and_wait(topic, body, key=key, partition=partition, headers=headers)
    await installation.publish([later])
    async with asyncio.timeout(30):
        while not await installation.rows("reader", "SELECT 1 FROM effects WHERE event_id = :id", id=later.id):
            await asyncio.sleep(0.1)
    await installation.until("reader", f"dead_letters WHERE body = '{body.decode()}'", 1)
