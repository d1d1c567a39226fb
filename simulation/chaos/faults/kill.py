"""SIGKILL: no process says goodbye."""

import asyncio
import os
import signal
import time

from deploy.embedded.board import Board
from deploy.embedded.databases import SERVICES
from simulation.chaos.faults.registry import Missed, fault
from simulation.chaos.field import Field
from simulation.demo.dice import Dice

COMMITS_SECONDS = 5
_COMMITTING = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query ILIKE 'commit%' AND usename = ANY($1) LIMIT 1"


@fault("kill-service")
async def kill_service(field: Field, dice: Dice) -> str:
    """kill -9 of one service's API, its worker (with its relay), or the Temporal worker."""
    return _kill(field, dice.one_of(field.service_processes, "service"))


@fault("kill-server")
async def kill_server(field: Field, dice: Dice) -> str:
    """kill -9 of Temporal, the broker, the web server or the bank."""
    names = [name for name in sorted(field.entries) if name not in field.service_processes and name != "postgres"]
    return _kill(field, dice.one_of(names, "server"))


@fault("kill-postgres")
async def kill_postgres(field: Field, dice: Dice) -> str:
    """kill -9 of PostgreSQL with all its sessions."""
    return _kill(field, "postgres")


@fault("kill-in-commit")
async def kill_in_commit(field: Field, dice: Dice) -> str:
    """kill -9 of a PostgreSQL session in the midst of a commit: PostgreSQL throws everybody out and recovers."""
    deadline = time.monotonic() + COMMITS_SECONDS
    async with field.superuser("postgres") as database:
        while time.monotonic() < deadline:
            pid = await database.fetchval(_COMMITTING, list(SERVICES))
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                return f"session {pid} in its commit"
    raise Missed("nobody was caught in a commit")


@fault("kill-all")
async def kill_all(field: Field, dice: Dice) -> str:
    """The whole platform killed at once, the supervisor first, and started again some seconds later."""
    board = Board.read(field.home.running)
    if board is None:
        raise Missed("the platform does not run")
    names = sorted(field.entries)
    if supervisor := board.supervisor.process():
        supervisor.kill()
    for name in names:
        field.send(name, signal.SIGKILL)
    await asyncio.sleep(dice.between(1, 4, "away"))
    await field.start()
    return f"{len(names)} processes and their supervisor"


def _kill(field: Field, name: str) -> str:
    if not field.send(name, signal.SIGKILL):
        raise Missed(f"{name} did not run")
    return name
