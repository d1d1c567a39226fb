"""The parts of one process: API and workers of a service together, where memory is scarce. A part that fails begins again by itself, and
the others go on meanwhile; a process that is killed takes all of them along, and its supervisor starts it again."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from contextvars import ContextVar

import structlog
import uvicorn

from shared.messaging.failures import describe

Part = Callable[[], Awaitable[object]]
"""Works until its server is asked to end, or until it fails."""

log = structlog.get_logger()
PAUSE_SECONDS = 1.0


class Parts:
    def __init__(self, service: str) -> None:
        self.service = service
        self.ending = False
        self._servers: list[uvicorn.Server] = []

    def end(self) -> None:
        """Asks every part to end."""
        self.ending = True
        for server in self._servers:
            server.should_exit = True

    async def serve(self, server: uvicorn.Server) -> None:
        """Until all parts are to end, or until this one fails. The signals of the process are for all of them."""
        server.capture_signals = nullcontext  # type: ignore[assignment, method-assign]
        self._servers.append(server)
        try:
            if not self.ending:
                await server.serve()
        finally:
            self._servers.remove(server)

    async def run(self, parts: Mapping[str, Part]) -> None:
        """Runs all of them until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.end)
        token = PARTS.set(self)
        try:
            await asyncio.gather(*(self._keep(name, part) for name, part in parts.items()))
        finally:
            PARTS.reset(token)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def _keep(self, name: str, part: Part) -> None:
        while not self.ending:
            reason = "it ended"
            try:
                await part()
            except (Exception, asyncio.CancelledError) as error:
                current = asyncio.current_task()
                if current is None or current.cancelling():
                    raise
                reason = describe(error)
            if not self.ending:
                log.warning("part begins again", service=self.service, part=name, reason=reason)
                await asyncio.sleep(PAUSE_SECONDS)


PARTS: ContextVar[Parts | None] = ContextVar("parts", default=None)
"""Those that this code is one of; None in a process of its own."""
