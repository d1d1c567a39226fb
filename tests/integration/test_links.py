"""Whoever puts something between clients and a broker has all of their traffic: the broker leads nobody past it."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from deploy.embedded.kafka.server import Kafka
from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.servers import Tansu
from shared.kernel.ids import new_id
from shared.messaging.broker import ensure_topics, producing
from shared.messaging.profile import PROFILES, BrokerKind
from simulation.chaos.proxy import Proxy
from tests.support.apache_kafka import skip_without_apache_kafka


@pytest.mark.parametrize("kind", BrokerKind)
async def test_clients_of_a_broker_stay_on_the_link_that_they_came_by(kind: BrokerKind, server_folder: Path) -> None:
    if kind is BrokerKind.KAFKA:
        skip_without_apache_kafka()
    port, server_port = free_port(), free_port()
    folder, address, profile = server_folder / f"linked-{new_id()}", f"{LOOPBACK}:{port}", PROFILES[kind]
    broker = {BrokerKind.KAFKA: Kafka, BrokerKind.TANSU: Tansu}[kind](folder, port=server_port, advertised=address)
    await asyncio.to_thread(broker.__enter__)
    link = Proxy(port, broker.port)
    try:
        await link.start()
        await ensure_topics(address, ["linked.probe"], profile)
        async with producing(address, profile) as producer:
            await producer.send_and_wait("linked.probe", b"here")
        async with AIOKafkaConsumer("linked.probe", bootstrap_servers=address, group_id="g", auto_offset_reset="earliest") as consumer:
            assert (await consumer.getone()).value == b"here"
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)  # asked at its own port, it sends its clients to the link
        await admin.start()
        assert [node["port"] for node in (await admin.describe_cluster())["brokers"]] == [port]
        with link.cut(lambda _: True), pytest.raises(KafkaConnectionError):
            await ensure_topics(address, ["linked.probe"], profile)
        await admin.close()
    finally:
        await link.stop()
        await asyncio.to_thread(broker.stop)
