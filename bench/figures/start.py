"""How long the platform of this checkout takes to start, against that of an earlier one."""

import asyncio
import os
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from functools import partial
from itertools import count
from pathlib import Path

from bench.declare import Aim, Figures, Sides, benchmark
from bench.figures.comparison import AFTER, BEFORE
from bench.machine import revision_of
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.ports import free_port

SETTLED_SECONDS = 20
"""After a first start processes go on that nobody waits for, such as the one that gives the people of the demonstration their roles."""
COMMAND = Path(".venv/bin/triptych")


@benchmark("Start of the platform, before and after", unit="s", aims=(Aim(AFTER, BEFORE, at_most=1.3),), opt_in=True)
async def start(stack: Stack) -> AsyncIterator[Sides]:
    """`triptych up` as a person runs it, until it returns: in an empty folder (databases made and migrated), and again with these
    databases. *before* is the checkout in `--baseline`, *after* this one, each with its own environment, where `make install` was run
    before. The two take turns."""
    folders = {BEFORE: stack.baseline, AFTER: REPOSITORY}
    for folder in folders.values():
        if not (folder / COMMAND).exists():
            raise SystemExit(f"There is no {folder / COMMAND}: run `make install` there.")
    stack.notes.append(f"Before: revision {revision_of(folders[BEFORE])}; after: revision {revision_of(folders[AFTER])}.")
    numbers = count(1)
    yield {side: partial(_turn, folder, stack, numbers) for side, folder in folders.items()}


async def _turn(checkout: Path, stack: Stack, numbers: "count[int]") -> Figures:
    home, port = stack.folder / f"platform-{next(numbers)}", str(free_port())

    async def up() -> float:
        began = time.monotonic()
        await _triptych(checkout, home, "up", "--port", port)
        return time.monotonic() - began

    try:
        first = await up()
        await asyncio.sleep(stack.pick(SETTLED_SECONDS, 10))
        await _triptych(checkout, home, "down")
        return {"first start, s": first, "start again, s": await up()}
    finally:
        await _triptych(checkout, home, "down")


async def _triptych(checkout: Path, home: Path, *arguments: str) -> None:
    """Raises RuntimeError when it fails; its words are on stderr."""
    environment = {**os.environ, "TRIPTYCH_HOME": str(home)}
    process = await asyncio.create_subprocess_exec(str(checkout / COMMAND), *arguments, cwd=checkout, env=environment, stdout=DEVNULL)
    if await process.wait() != 0:
        raise RuntimeError(f"triptych {' '.join(arguments)} in {checkout} failed")
