"""A proxy at an overridden port gets all traffic of the broker: the broker directs no client to its own port."""

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
from shared.messaging.broker import ensure_topics, open_producer
from shared.messaging.profile import PROFILES, BrokerKind
from simulation.chaos.proxy import Proxy
from tests.support.apache_kafka import skip_without_apache_kafka


@pytest.mark.parametrize("kind", BrokerKind)
async def test_broker_directs_clients_to_the_overridden_port(kind: BrokerKind, server_folder: Path) -> None:
    if kind is BrokerKind.KAFKA:
        skip_without_apache_kafka()
    port, server_port = free_port(), free_port()
    folder, address, profile = server_folder / f"proxied-{new_id()}", f"{LOOPBACK}:{port}", PROFILES[kind]
    broker = {BrokerKind.KAFKA: Kafka, BrokerKind.TANSU: Tansu}[kind](folder, port=server_port, advertised=address)
    await asyncio.to_thread(broker.__enter__)
    proxy = Proxy(port, broker.port)
    try:
        await proxy.start()
        await ensure_topics(address, ["proxied.probe"], profile)
        async with open_producer(address, profile) as producer:
            await producer.send_and_wait("proxied.probe", b"here")
        async with AIOKafkaConsumer("proxied.probe", bootstrap_servers=address, group_id="g", auto_offset_reset="earliest") as consumer:
            assert (await consumer.getone()).value == b"here"
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)  # even a client at its own port is directed to the proxy
        await admin.start()
        assert [node["port"] for node in (await admin.describe_cluster())["brokers"]] == [port]
        with proxy.cut(lambda _: True), pytest.raises(KafkaConnectionError):
            await ensure_topics(address, ["proxied.probe"], profile)
        await admin.close()
    finally:
        await proxy.stop()
        await asyncio.to_thread(broker.stop)
