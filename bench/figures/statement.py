"""A bank's statement of many lines, by this checkout and by an earlier one."""

import itertools
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Collection
from functools import partial

from bench.comparison_side import BY_PROCESSOR, FILES, LARGE, METRIC, SECONDS
from bench.declare import Aim, Figures, Side, Sides, benchmark
from bench.figures.comparison import AFTER, BEFORE, ended, start_side, turn_of
from bench.machine import revision_of
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY

AT_LEAST = 1 / 1.1
ROUNDS_OF_LARGE = (1, 4)
MOST_SECONDS = 60


@benchmark(
    "A statement of many lines",
    unit="lines a second",
    aims=(
        *(Aim(f"{work}, {AFTER}", f"{work}, {BEFORE}", metric, at_least=AT_LEAST) for work in FILES for metric in (METRIC, BY_PROCESSOR)),
        *(Aim(f"{work}, {AFTER}", metric=SECONDS, at_most=MOST_SECONDS, always=True) for work in LARGE),
    ),
    opt_in=True,
    rounds=5,
)
async def statement(stack: Stack) -> AsyncIterator[Sides]:
    """*before* is the checkout in `--baseline`, *after* this one; the two take turns, each with a database of its own on the same
    PostgreSQL. *reading*: from the bytes of 100,000 lines to the lines that are matched. *importing*: a file of 4,000 lines in the bank's
    folder, each line matched and stored, in one transaction. *importing 100,000*: as many, by this checkout in two of the rounds: each
    line takes revision 8352612 the longer, the more there are, and it was stopped after a quarter of an hour. While a file is imported,
    the same process begins a small transaction ten times a second: the longest of them is a figure too. Processor time is that of the
    process, without PostgreSQL's. No line is of a payment that is known. The aim is that a line costs at most 1.1 times what it did, and
    that 100,000 are stored within a minute."""
    folders = {BEFORE: stack.baseline, AFTER: REPOSITORY}
    processes: dict[str, Process] = {}
    async with ended(processes):
        for side, folder in folders.items():
            ports = {"postgres": stack.postgres.port, "temporal": 1, "tansu": 1}
            options = {"side": side, "ports": ports, "password": stack.postgres.password, "quick": stack.quick}
            processes[side] = await start_side(folder, options)
        stack.notes.append(f"Before: revision {revision_of(folders[BEFORE])}; after: revision {revision_of(folders[AFTER])}.")
        sides: Sides = {f"{work}, {side}": partial(turn_of, process, work) for work in FILES for side, process in processes.items()}
        yield sides | {f"{work}, {AFTER}": _in_rounds(ROUNDS_OF_LARGE, partial(turn_of, processes[AFTER], work)) for work in LARGE}


def _in_rounds(chosen: Collection[int], side: Side) -> Side:
    """In the other rounds it measures nothing. The round that is not counted is 0."""
    numbers = itertools.count()

    async def turn() -> Figures:
        return await side() if next(numbers) in chosen else {}

    return turn
