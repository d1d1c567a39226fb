"""This checkout against an earlier one."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from bench import comparison_side
from bench.comparison_side import METRIC, WORK
from bench.declare import Aim, Figures, Sides, benchmark
from bench.machine import revision_of
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.servers import Tansu

BEFORE, AFTER = "before", "after"
AT_LEAST = {"submissions to one call": 2.5, "submissions to eight calls": 2.0, "drafts and submissions": 2.0, "screenings": 2.7}
"""Against revision 8352612; of all other work 0.9."""
TURN_SECONDS = 900
NAMESPACE_SECONDS = 30


@benchmark(
    "Before and after",
    unit="a second",
    aims=tuple(Aim(f"{work}, {AFTER}", f"{work}, {BEFORE}", METRIC, at_least=AT_LEAST.get(work, 0.9)) for work in WORK),
    opt_in=True,
    rounds=15,
)
async def comparison(stack: Stack) -> AsyncIterator[Sides]:
    """*before* is the checkout in `--baseline`, *after* this one. Each runs its own code and its own processes, with the same packages, on
    the same PostgreSQL and the same Temporal, in databases and a namespace of its own; each has its own Tansu, since topics and
    consumer groups have the same names. For each kind of work the two take turns. Signing, encryption and the tables of who may do
    what cost at most a tenth of lifecycles and events. Turns are short and many, because a shared machine
    is half as fast again from one minute to the next. *submissions to one call*, *to eight calls*: drafts are submitted by eight
    clients. *drafts and submissions*: both requests. *screenings*: an officer screens submitted applications. *lifecycles*: from the award
    to a declined and closed voucher, now with the rows of the award registry. *events*: from a commit in one service to the effect in
    another."""
    folders = {BEFORE: stack.baseline, AFTER: REPOSITORY}
    await _register_namespaces(stack)
    processes: dict[str, Process] = {}
    async with ended(processes):
        for side, folder in folders.items():
            tansu = stack.up(Tansu(stack.folder / f"tansu-{side}"))
            ports = {"postgres": stack.postgres.port, "temporal": stack.temporal.port, "tansu": tansu.port}
            options = {"side": side, "ports": ports, "password": stack.postgres.password, "quick": stack.quick}
            processes[side] = await start_side(folder, options)
        stack.notes.append(f"Before: revision {revision_of(folders[BEFORE])}; after: revision {revision_of(folders[AFTER])}.")
        yield {f"{work}, {side}": partial(turn_of, process, work) for work in WORK for side, process in processes.items()}


async def _register_namespaces(stack: Stack) -> None:
    """Creates a namespace for each side and waits until it can be used."""
    client = await Client.connect(stack.temporal.address)
    for side in (BEFORE, AFTER):
        retention = Duration(seconds=86_400)
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace=side, workflow_execution_retention_period=retention)
        )
    await asyncio.sleep(NAMESPACE_SECONDS if not stack.quick else 12)  # Temporal reads its list of namespaces every ten seconds


async def start_side(folder: Path, options: dict[str, object]) -> Process:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = (sys.executable, "-P", comparison_side.__file__, json.dumps(options))
    return await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment, stdin=PIPE, stdout=PIPE)


async def turn_of(process: Process, work: str) -> Figures:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{work}\n".encode())
    async with asyncio.timeout(TURN_SECONDS):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"the process for {work} ended; its error is above")
    found: dict[str, float] = json.loads(line)
    return found


@asynccontextmanager
async def ended(processes: dict[str, Process]) -> AsyncIterator[None]:
    """Closes the processes' stdin at the end, so that they stop what they started."""
    try:
        yield
    finally:
        for process in processes.values():
            if process.stdin is not None:
                process.stdin.close()
            await process.wait()
