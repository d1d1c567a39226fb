"""Apache Kafka with TLS, passwords and access rights: each service has its own topics, and nobody without a password gets in."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts import TOPICS
from shared.contracts.applications import CallOpened
from shared.database import Sessions
from shared.messaging.broker import client_options, ensure_topics, offset_reader, open_producer
from shared.messaging.profile import BrokerProfile
from shared.policy.resolver import PolicyBook
from shared.runtime.settings import ServiceSettings
from shared.runtime.worker import Worker
from tests.integration.messaging.conftest import Write
from tests.integration.messaging.test_worker import effects, note
from tests.support.apache_kafka import skip_without_apache_kafka
from tests.support.desk import service_settings
from tests.support.secured_kafka import PASSWORDS, SecuredKafka

pytestmark = pytest.mark.timeout(600)  # a Java program for each user and topic


@pytest_asyncio.fixture(scope="module")
async def secured(server_folder: Path) -> AsyncIterator[SecuredKafka]:
    skip_without_apache_kafka()
    broker = SecuredKafka(server_folder / "secured-kafka")
    broker.start()
    try:
        await asyncio.to_thread(broker.wait_ready, 90)
        await asyncio.to_thread(broker.create_principals)
        yield broker
    finally:
        broker.stop()


def settings_of(broker: SecuredKafka, service: str, url: str = "postgresql+asyncpg://nobody@127.0.0.1/none") -> ServiceSettings:
    principal = {"kafka_user": service, "kafka_password": PASSWORDS[service], "kafka_ca": broker.certificate}
    return service_settings(url, broker.address, service, kafka_security="SASL_SSL", **principal)


def profile_of(broker: SecuredKafka, service: str) -> BrokerProfile:
    return settings_of(broker, service).broker_profile


async def test_event_passes_from_relay_to_inbox_under_one_user(
    secured: SecuredKafka, engine: AsyncEngine, url: str, sessions: Sessions, write: Write
) -> None:
    """Topics, incarnation id, producer, consumer group: all that a worker does is allowed to its user."""
    worker = Worker("applications", settings_of(secured, "applications", url), engine, PolicyBook([]), {CallOpened: note})
    async with worker.started():
        written = [await write() for _ in range(3)]
        assert sorted(await effects(sessions, 3)) == sorted(written)


@pytest.mark.parametrize("topic", ["evaluation.decisions", "applications-x", "triptych.other"])
async def test_message_to_a_foreign_topic_is_refused_by_the_broker(secured: SecuredKafka, topic: str) -> None:
    """The user may read the topics of the other services, and write to its own only."""
    own, profile = CallOpened.topic, profile_of(secured, "applications")
    await ensure_topics(secured.address, TOPICS, profile)
    async with open_producer(secured.address, profile) as producer:
        await producer.send_and_wait(own, b"{}", key=b"k")
        with pytest.raises(TopicAuthorizationFailedError):
            await asyncio.wait_for(producer.send_and_wait(topic, b"{}", key=b"k"), 30)


async def test_topic_of_another_service_is_not_created(secured: SecuredKafka) -> None:
    """With one partition and a short retention that service's events would be lost. The script creates all topics as they are wanted."""
    profile = profile_of(secured, "applications")
    admin = AIOKafkaAdminClient(**client_options(secured.address, profile))
    await admin.start()
    try:
        found = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(TOPICS)}
    finally:
        await admin.close()
    assert found == dict.fromkeys(TOPICS, profile.partitions)
    for name in ("payments.other", "applications.other"):
        with pytest.raises(KafkaError, match="error 29"):
            await ensure_topics(secured.address, [name], profile)


async def test_group_of_another_service_is_refused_by_the_broker(secured: SecuredKafka) -> None:
    """Its members would get partitions that the service then never reads."""
    profile = profile_of(secured, "applications")
    await ensure_topics(secured.address, TOPICS, profile)
    options = {**client_options(secured.address, profile), "group_id": "payments.1.1"}
    async with AIOKafkaConsumer(**options) as consumer:
        consumer.subscribe([CallOpened.topic])
        with pytest.raises(GroupAuthorizationFailedError):
            await asyncio.wait_for(consumer.getone(), 30)


@pytest.mark.parametrize("wrong", ["password", "plain", "certificate"])
async def test_client_without_the_right_proof_is_not_admitted(secured: SecuredKafka, wrong: str) -> None:
    """A wrong password; no TLS and no password at all; a broker whose certificate the client has no reason to trust."""
    right = settings_of(secured, "applications").model_dump()
    changed = {"password": {"kafka_password": "guess"}, "plain": {"kafka_security": "PLAINTEXT"}, "certificate": {"kafka_ca": None}}
    profile = type(settings_of(secured, "applications"))(**{**right, **changed[wrong]}).broker_profile
    with pytest.raises((KafkaError, OSError)):
        async with asyncio.timeout(30), offset_reader(secured.address, profile):
            pass
