"""The platform under attack, as the faults see it: its processes, its databases, the proxies on its links."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import psutil

from deploy.embedded import daemon, state
from deploy.embedded.board import Board, Entry, Phase
from deploy.embedded.databases import SERVICES
from deploy.embedded.home import Home
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.state import SUPERUSER, State
from shared.messaging.profile import BrokerProfile, profile_of
from simulation.chaos.proxy import Concerned, Proxy

BACK_SECONDS = 90
NOTICED_SECONDS = 1
"""After this the supervisor has seen that a process is gone."""


@dataclass
class Field:
    """`proxies` by the name of the server behind each."""

    home: Home
    proxies: Mapping[str, Proxy] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return state.read(self.home)

    @property
    def profile(self) -> BrokerProfile:
        return profile_of(self.state.broker, self.state.brokers)

    @property
    def entries(self) -> dict[str, Entry]:
        """The platform's processes by name, as the supervisor last wrote them down."""
        board = Board.read(self.home.running)
        return {entry.name: entry for entry in board.entries} if board else {}

    @property
    def service_processes(self) -> list[str]:
        """Those of the platform's own code: APIs, workers, the Temporal worker."""
        return [name for name in sorted(self.entries) if name.split("-")[0] in SERVICES]

    def process(self, name: str) -> psutil.Process | None:
        """None while it does not run."""
        entry = self.entries.get(name)
        return entry.mark.process() if entry and entry.mark else None

    def send(self, name: str, number: signal.Signals) -> bool:
        """A signal to the process and what it forked; False when it does not run just now."""
        process = self.process(name)
        if process is None:
            return False
        os.killpg(process.pid, number)  # each process of the platform leads a group of its own
        return True

    def connections_of(self, name: str) -> Concerned:
        """Which connections are those of this process, also after it was started anew."""

        def concerned(port: int) -> bool:
            process = self.process(name)
            try:
                return process is not None and any(each.laddr.port == port for each in process.net_connections("tcp") if each.laddr)
            except psutil.Error:
                return False

        return concerned

    @asynccontextmanager
    async def superuser(self, database: str) -> AsyncIterator[asyncpg.Connection]:
        """Straight to PostgreSQL, past every proxy."""
        now = self.state
        connection = await asyncpg.connect(
            user=SUPERUSER, password=now.passwords[SUPERUSER], host=LOOPBACK, port=now.ports["postgres"], database=database
        )
        try:
            yield connection
        finally:
            await connection.close(timeout=5)

    async def start(self) -> None:
        await asyncio.to_thread(daemon.start, self.home)

    async def stop(self) -> None:
        await asyncio.to_thread(daemon.stop, self.home)

    async def missing(self, seconds: float = BACK_SECONDS) -> list[str]:
        """Who has not come back after this long; empty as soon as the whole platform is ready."""
        deadline = time.monotonic() + seconds
        await asyncio.sleep(NOTICED_SECONDS)
        while away := self._away():
            if time.monotonic() > deadline:
                return away
            await asyncio.sleep(0.2)
        return []

    def _away(self) -> list[str]:
        board = Board.read(self.home.running)
        if board is None or board.phase is not Phase.READY or board.supervisor.process() is None:
            return ["supervisor"]
        return [entry.name for entry in board.entries if entry.state != "ready"]
