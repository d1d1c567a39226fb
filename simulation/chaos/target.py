"""The platform that a campaign tests, as the faults need it: its processes, its databases, the proxies in front of its servers."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg
import psutil

from deploy.embedded import daemon
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process_status import Phase, PlatformStatus, ProcessStatus
from deploy.embedded.state import SUPERUSER, State, read_state
from shared.kernel.services import SERVICES
from shared.messaging.profile import BrokerProfile
from simulation.chaos.proxy import ConnectionFilter, Proxy

RECOVERY_SECONDS = 90
DETECTION_SECONDS = 1
"""After this time the supervisor has noticed that a process ended."""


@dataclass
class Target:
    """`proxies`: by the name of the server behind each proxy. `clocks_apart`: by how much a fault has set a clock ahead, at most."""

    data: DataDirectory
    proxies: Mapping[str, Proxy] = field(default_factory=dict)
    clocks_apart: timedelta = timedelta()

    @property
    def state(self) -> State:
        return read_state(self.data)

    @property
    def profile(self) -> BrokerProfile:
        return self.state.broker_profile

    @property
    def process_statuses(self) -> dict[str, ProcessStatus]:
        """The platform's processes by name, from the status file that the supervisor writes."""
        status = PlatformStatus.read(self.data.status_file)
        return {entry.name: entry for entry in status.processes} if status else {}

    @property
    def service_processes(self) -> list[str]:
        """Names of the processes that run our own code: APIs, workers, the Temporal worker."""
        return [name for name in sorted(self.process_statuses) if name.split("-")[0] in SERVICES]

    def process(self, name: str) -> psutil.Process | None:
        """Returns None while the process does not run. A worker may be a part of another one."""
        statuses = self.process_statuses
        entry = statuses.get(name) or next((one for one in statuses.values() if name in one.parts), None)
        return entry.handle.process() if entry and entry.handle else None

    def send(self, name: str, number: signal.Signals) -> bool:
        """Sends a signal to the process and its children. Returns False if the process does not run now."""
        process = self.process(name)
        if process is None:
            return False
        os.killpg(process.pid, number)  # each process of the platform is the leader of its own process group
        return True

    def connections_of(self, name: str) -> ConnectionFilter:
        """Returns a filter for the connections of this process. The filter stays right when the process is restarted."""

        def belongs_to_process(port: int) -> bool:
            process = self.process(name)
            try:
                return process is not None and any(each.laddr.port == port for each in process.net_connections("tcp") if each.laddr)
            except psutil.Error:
                return False

        return belongs_to_process

    @asynccontextmanager
    async def superuser(self, database: str) -> AsyncIterator[asyncpg.Connection]:
        """Opens a superuser connection that goes directly to PostgreSQL, not through a proxy."""
        now = self.state
        connection = await asyncpg.connect(
            user=SUPERUSER, password=now.passwords[SUPERUSER], host=LOOPBACK, port=now.ports["postgres"], database=database
        )
        try:
            yield connection
        finally:
            await connection.close(timeout=5)

    async def start(self) -> None:
        await asyncio.to_thread(daemon.start, self.data)

    async def stop(self) -> None:
        await asyncio.to_thread(daemon.stop, self.data)

    async def wait_until_ready(self, seconds: float = RECOVERY_SECONDS) -> list[str]:
        """Waits until the whole platform is ready. Returns the names of the processes that are not ready after `seconds`."""
        deadline = time.monotonic() + seconds
        await asyncio.sleep(DETECTION_SECONDS)
        while missing := self._not_ready():
            if time.monotonic() > deadline:
                return missing
            await asyncio.sleep(0.2)
        return []

    def _not_ready(self) -> list[str]:
        status = PlatformStatus.read(self.data.status_file)
        if status is None or status.phase is not Phase.READY or status.supervisor.process() is None:
            return ["supervisor"]
        return [entry.name for entry in status.processes if entry.state != "ready"]
