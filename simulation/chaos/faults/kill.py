"""SIGKILL: processes end without cleanup."""

import asyncio
import os
import signal
import time

from deploy.embedded.process_status import PlatformStatus
from shared.kernel.services import SERVICES
from simulation.chaos.faults.registry import Skipped, fault
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom

SEARCH_SECONDS = 5
_COMMITTING_SESSION = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query ILIKE 'commit%' AND usename = ANY($1) LIMIT 1"


@fault("kill-service")
async def kill_service(target: Target, random: SeededRandom) -> str:
    """kill -9 of one service's API, its worker (with its relay), or the Temporal worker."""
    return _kill(target, random.one_of(target.service_processes, "service"))


@fault("kill-server")
async def kill_server(target: Target, random: SeededRandom) -> str:
    """kill -9 of Temporal, the broker, the web server or the bank."""
    names = [name for name in sorted(target.process_statuses) if name not in target.service_processes and name != "postgres"]
    return _kill(target, random.one_of(names, "server"))


@fault("kill-postgres")
async def kill_postgres(target: Target, random: SeededRandom) -> str:
    """kill -9 of PostgreSQL with all its sessions."""
    return _kill(target, "postgres")


@fault("kill-in-commit")
async def kill_in_commit(target: Target, random: SeededRandom) -> str:
    """kill -9 of a PostgreSQL session during a commit: PostgreSQL ends all sessions and recovers."""
    deadline = time.monotonic() + SEARCH_SECONDS
    async with target.superuser("postgres") as database:
        while time.monotonic() < deadline:
            pid = await database.fetchval(_COMMITTING_SESSION, list(SERVICES))
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                return f"session {pid} during its commit"
    raise Skipped("no session was found during a commit")


@fault("kill-all")
async def kill_all(target: Target, random: SeededRandom) -> str:
    """All processes are killed at once, the supervisor first, and the platform is started again some seconds later."""
    status = PlatformStatus.read(target.data.status_file)
    if status is None:
        raise Skipped("the platform is not running")
    names = sorted(target.process_statuses)
    if supervisor := status.supervisor.process():
        supervisor.kill()
    for name in names:
        target.send(name, signal.SIGKILL)
    await asyncio.sleep(random.between(1, 4, "away"))
    await target.start()
    return f"{len(names)} processes and their supervisor"


def _kill(target: Target, name: str) -> str:
    if not target.send(name, signal.SIGKILL):
        raise Skipped(f"{name} is not running")
    return name
