"""Security events: every refusal of a caller is a line of a log of its own, and one who is refused again and again raises an alarm.

A line has the code, the route's template, the address of the client and the pseudonym of the person, and nothing that was sent. An
address is personal data, so this log is kept apart and has its own retention. The address is that of the connection; behind a gateway
it is the one that the gateway names (`shared/runtime/serve.py`).
"""

import sys
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from starlette.requests import Request
from structlog.typing import Processor

REFUSALS = (401, 403, 429)
ALARMING_CODES = ("file-infected",)
"""Refusals that are security events, whatever their status."""
MOST_REFUSALS, WINDOW_SECONDS = 20, 600
"""More refusals of one person or address within the window are an alarm: people mistype and meet a wrong role now and then; a program
that tries ids or tokens is refused many times a minute."""
KEPT = 10_000
"""How many persons and addresses are counted. When there are more, the one refused longest ago is forgotten."""


class Repetitions:
    """Counts of recent refusals by person or address, in bounded memory."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._recent: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def exceeded(self, key: tuple[str, str]) -> bool:
        """True when this refusal is one too many within the window. The count then starts again, so that an alarm is not a flood."""
        now, times = self._monotonic(), self._recent.setdefault(key, deque())
        self._recent.move_to_end(key)
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        times.append(now)
        if len(self._recent) > KEPT:
            self._recent.popitem(last=False)
        if len(times) <= MOST_REFUSALS:
            return False
        times.clear()
        return True


class SecurityLog:
    """Writes JSON lines to the file at `path`, without one to standard output. `monotonic` measures the window; tests replace it."""

    def __init__(self, service: str, path: Path | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        processors: list[Processor] = [
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            structlog.processors.JSONRenderer(),
        ]
        stream = path.open("a", encoding="utf-8") if path else sys.stdout
        self._log = structlog.wrap_logger(structlog.WriteLogger(stream), processors).bind(logger="security", service=service)
        self._repetitions = Repetitions(monotonic)

    def request_ended(self, request: Request, status: int) -> None:
        """Records the request when its caller was refused."""
        state = request.state
        if status not in REFUSALS and getattr(state, "problem_code", None) not in ALARMING_CODES:
            return
        actor, address = getattr(state, "actor", None), request.client.host if request.client else None
        event: dict[str, Any] = {
            "code": getattr(state, "problem_code", None),
            "status": status,
            "method": request.method,
            "route": getattr(request.scope.get("route"), "path", None),
            "address": address,
            "subject": actor and (actor.machine or actor.id),
        }
        self._log.warning("denied", **event, request_id=state.request_id)
        for kind in ("subject", "address"):
            if event[kind] is not None and self._repetitions.exceeded((kind, event[kind])):
                self._log.error("repeated denials", **{kind: event[kind]}, more_than=MOST_REFUSALS, seconds=WINDOW_SECONDS)
