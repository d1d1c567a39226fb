"""Submissions while the bank's large statement is taken."""

import asyncio
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from bench.applications_service import Applicant, ApplicationsService
from bench.comparison_side import LARGE, SECONDS
from bench.declare import Aim, Figures, Sides, benchmark
from bench.figures.comparison import AFTER, ended, start_side, turn_of
from bench.load import Client, percentile
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY

A_SECOND = 20
ALONE, BESIDE = "alone", "beside a statement"
[STATEMENT] = LARGE


@benchmark(
    "Submissions beside a large statement",
    unit="ms",
    aims=(Aim(BESIDE, ALONE, "p99", at_most=3), Aim(BESIDE, metric=SECONDS, at_most=60, always=True)),
    rounds=3,
)
async def beside(stack: Stack) -> AsyncIterator[Sides]:
    """Twenty drafts a second are submitted to one call, each timed from the moment in which it was due. *beside a statement*: meanwhile a
    process of payments takes a statement of 100,000 lines, on the same PostgreSQL and the same processors; *s* is how long that takes."""
    service = await ApplicationsService.open(stack)
    processes: dict[str, Process] = {}
    async with ended(processes):
        ports = {"postgres": stack.postgres.port, "temporal": 1, "tansu": 1}
        options = {"side": AFTER, "ports": ports, "password": stack.postgres.password, "quick": stack.quick}
        process = processes[AFTER] = await start_side(REPOSITORY, options)
        yield {ALONE: partial(_alone, service), BESIDE: partial(_beside, service, process)}


async def _alone(service: ApplicationsService) -> Figures:
    drafts = await service.drafts(service.stack.pick(450, 60))
    return await _submissions(service, drafts, asyncio.create_task(asyncio.sleep(service.stack.pick(20, 2))))


async def _beside(service: ApplicationsService, process: Process) -> Figures:
    drafts = await service.drafts(service.stack.pick(2_500, 200))
    taken = asyncio.create_task(turn_of(process, STATEMENT))
    figures = await _submissions(service, drafts, taken)
    return {**figures, SECONDS: (await taken)[SECONDS]}


async def _submissions(service: ApplicationsService, drafts: list[Applicant], until: asyncio.Task[Any]) -> Figures:
    """Until that task is done, or no draft is left."""
    took, count = list[float](), len(drafts)
    free = asyncio.Queue[Client]()
    for client in service.clients:
        free.put_nowait(client)

    async def submit(due: float) -> None:
        client = await free.get()
        await service.submit(client, drafts.pop())
        took.append((time.perf_counter() - due) * 1_000)
        free.put_nowait(client)

    began, running = time.perf_counter(), list[asyncio.Task[None]]()
    while not until.done() and len(running) < count:
        due = began + len(running) / A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        running.append(asyncio.create_task(submit(due)))
    await asyncio.gather(*running)
    return {f"p{share}": percentile(took, share / 100) for share in (50, 99)}
