"""A bank's statement of 100,000 lines, by this checkout and by an earlier one."""

from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from functools import partial

from bench.comparison_side import FILES
from bench.declare import Aim, Sides, benchmark
from bench.figures.comparison import AFTER, BEFORE, METRIC, ended, start_side, turn_of
from bench.machine import revision_of
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY

AT_LEAST = 1 / 1.1


@benchmark(
    "A statement of 100,000 lines",
    unit="lines a second",
    aims=tuple(Aim(f"{work}, {AFTER}", f"{work}, {BEFORE}", METRIC, at_least=AT_LEAST) for work in FILES),
    opt_in=True,
    rounds=5,
)
async def statement(stack: Stack) -> AsyncIterator[Sides]:
    """*before* is the checkout in `--baseline`, *after* this one; the two take turns, each with a database of its own on the same
    PostgreSQL. *reading*: from the bytes to the lines that are matched. *importing*: a file in the bank's folder, each line matched and
    stored, in one transaction. No line is of a payment that is known. The aim is that a line costs at most 1.1 times what it did."""
    folders = {BEFORE: stack.baseline, AFTER: REPOSITORY}
    processes: dict[str, Process] = {}
    async with ended(processes):
        for side, folder in folders.items():
            ports = {"postgres": stack.postgres.port, "temporal": 1, "tansu": 1}
            options = {"side": side, "ports": ports, "password": stack.postgres.password, "quick": stack.quick}
            processes[side] = await start_side(folder, options)
        stack.notes.append(f"Before: revision {revision_of(folders[BEFORE])}; after: revision {revision_of(folders[AFTER])}.")
        yield {f"{work}, {side}": partial(turn_of, process, work) for work in FILES for side, process in processes.items()}
