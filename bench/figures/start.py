"""How long the platform of this checkout takes to start, and how much memory it takes, against that of an earlier one."""

import asyncio
import os
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import psutil

from bench.declare import Aim, Figures, Sides, benchmark
from bench.figures.comparison import AFTER, BEFORE
from bench.figures.idle import OURS
from bench.machine import revision_of
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.ports import free_port

SETTLED_SECONDS = 20
"""After a first start processes go on that nobody waits for, such as the one that gives the people of the demonstration their roles."""
IDLE_SECONDS = 10
COMMAND = Path(".venv/bin/triptych")
COMPACT = f"{AFTER}, compact"
AGAIN, ALL, FIRST_FOUR = "start again, s", "ours, MiB", "ours without people and portal, MiB"
LATER = ("triptych: people", "triptych: people-worker", "triptych: portal", "triptych: mailbox", "simulation.provider")
"""Programs that revision 8352612 had not: a part of their command."""


@benchmark(
    "Start and memory of the platform, before and after",
    unit="s or MiB",
    aims=(
        *(Aim(side, BEFORE, AGAIN, at_most=0.6) for side in (AFTER, COMPACT)),
        *(Aim(side, BEFORE, FIRST_FOUR, at_most=0.5) for side in (AFTER, COMPACT)),
        *(Aim(side, BEFORE, ALL, at_most=0.7) for side in (AFTER, COMPACT)),
    ),
    opt_in=True,
)
async def start(stack: Stack) -> AsyncIterator[Sides]:
    """`triptych up` as a person runs it, until it returns: in an empty folder (databases made and migrated), and again with these
    databases; ten seconds later the memory of our own processes, with pages that they share counted once (PSS). *before* is the
    checkout in `--baseline`, *after* this one, *compact* this one with the API and the workers of a service in one process (`up
    --compact`); each has its own environment, where `make install` was run before. They take turns. *without people and portal*:
    less what is of these processes, of the mailbox and of the provider alone (USS), which revision 8352612 had not; the pages that
    they share with others stay counted."""
    folders = {BEFORE: stack.baseline, AFTER: REPOSITORY}
    for folder in folders.values():
        if not (folder / COMMAND).exists():
            raise SystemExit(f"There is no {folder / COMMAND}: run `make install` there.")
    stack.notes.append(f"Before: revision {revision_of(folders[BEFORE])}; after: revision {revision_of(folders[AFTER])}.")
    numbers = count(1)
    sides: Sides = {side: partial(_turn, folder, stack, numbers) for side, folder in folders.items()}
    yield sides | {COMPACT: partial(_turn, REPOSITORY, stack, numbers, "--compact")}


async def _turn(checkout: Path, stack: Stack, numbers: "count[int]", *options: str) -> Figures:
    home, port = stack.folder / f"platform-{next(numbers)}", str(free_port())

    async def up() -> float:
        began = time.monotonic()
        await _triptych(checkout, home, "up", "--port", port, *options)
        return time.monotonic() - began

    try:
        first = await up()
        await asyncio.sleep(stack.pick(SETTLED_SECONDS, 10))
        await _triptych(checkout, home, "down")
        again = await up()
        await asyncio.sleep(IDLE_SECONDS)
        return {"first start, s": first, AGAIN: again, **_memory(home)}
    finally:
        await _triptych(checkout, home, "down")


def _memory(home: Path) -> Figures:
    ours, later = 0.0, 0.0
    for process in _processes(home):
        command = process.cmdline()
        if any(part.startswith(OURS) for part in command):
            memory = process.memory_full_info()
            ours += memory.pss / 2**20
            if any(part in LATER for part in command):
                later += memory.uss / 2**20
    return {ALL: ours, FIRST_FOUR: ours - later}


def _processes(home: Path) -> Iterator[psutil.Process]:
    """The supervisor, which knows its folder by a variable, and all below it."""
    for process in psutil.process_iter(["cmdline"]):
        if "deploy.embedded.daemon" in (process.info["cmdline"] or ()) and process.environ().get("TRIPTYCH_HOME") == str(home):
            yield process
            yield from process.children(recursive=True)


async def _triptych(checkout: Path, home: Path, *arguments: str) -> None:
    """Raises RuntimeError when it fails; its words are on stderr."""
    environment = {**os.environ, "TRIPTYCH_HOME": str(home)}
    process = await asyncio.create_subprocess_exec(str(checkout / COMMAND), *arguments, cwd=checkout, env=environment, stdout=DEVNULL)
    if await process.wait() != 0:
        raise RuntimeError(f"triptych {' '.join(arguments)} in {checkout} failed")
