"""Timers of less than a second on Temporal's development server, with the setting that we give it and without."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.declare import Aim, Figures, Side, Sides, benchmark
from bench.stack import Stack
from deploy.embedded.servers import Temporal

QUEUE, LENGTHS, AT_ONCE = "timers", (50, 300, 900), 5
SETTING = "history.timerProcessorMaxTimeShift"


@workflow.defn
class Sleeps:
    @workflow.run
    async def run(self, milliseconds: int) -> None:
        await workflow.sleep(timedelta(milliseconds=milliseconds))


class ByDefault(Temporal):
    """Without the setting."""

    def command(self) -> list[str]:
        command = super().command()
        [place] = [at for at, text in enumerate(command) if text.startswith(SETTING)]
        return command[: place - 1] + command[place + 1 :]


@benchmark(
    "Short timers",
    unit="ms late",
    aims=tuple(Aim("with the setting", "by default", f"{ms} ms", at_most=0.5) for ms in LENGTHS[:1]),
    rounds=5,
)
async def timers(stack: Stack) -> AsyncIterator[Sides]:
    """How late a workflow ends that sleeps for less than a second, at the middle of five at once: what the timer adds, and a task of the
    worker. Without `history.timerProcessorMaxTimeShift` the server reads timers that are due within a second once a second. In a
    demonstration at a day a second that is a day."""
    async with AsyncExitStack() as stopped:
        yield {
            "with the setting": await _side(stack.temporal, stopped),
            "by default": await _side(stack.up(ByDefault(Path(stack.folder) / "temporal-by-default")), stopped),
        }


async def _side(server: Temporal, stopped: AsyncExitStack) -> Side:
    client = await Client.connect(server.address, namespace=server.namespace)
    await stopped.enter_async_context(Worker(client, task_queue=QUEUE, workflows=[Sleeps], workflow_runner=UnsandboxedWorkflowRunner()))

    async def turn() -> Figures:
        return {f"{length} ms": await _late(client, length) for length in LENGTHS}

    return turn


async def _late(client: Client, length: int) -> float:
    async def one(number: int) -> float:
        began = time.monotonic()
        await client.execute_workflow(Sleeps.run, length, id=f"{length}-{number}-{began}", task_queue=QUEUE)
        return (time.monotonic() - began) * 1000 - length

    return sorted(await asyncio.gather(*map(one, range(AT_ONCE))))[AT_ONCE // 2]
