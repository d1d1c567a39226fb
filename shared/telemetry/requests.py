"""How many requests this process has answered and how long the last ones took; with tracing on, a histogram by route too."""

from collections import deque
from collections.abc import Callable

from shared.telemetry.measured import REQUEST_P50, REQUEST_P95, REQUESTS, REQUESTS_FAILED, Measurement

KEPT = 1_000
Record = Callable[[float, dict[str, str | int]], None]


class Requests:
    """`record`: takes seconds and attributes of each request; set while tracing is on."""

    def __init__(self) -> None:
        self.answered = self.failed = 0
        self.record: Record | None = None
        self._seconds: deque[float] = deque(maxlen=KEPT)

    def ended(self, method: str, route: str | None, status: int, seconds: float) -> None:
        self.answered += 1
        self.failed += status >= 500
        self._seconds.append(seconds)
        if self.record is not None:
            named = {"http.route": route} if route else {}
            self.record(seconds, {"http.request.method": method, "http.response.status_code": status, **named})

    def measurements(self) -> list[Measurement]:
        """Times are missing before the first request."""
        counts = [Measurement(REQUESTS, self.answered), Measurement(REQUESTS_FAILED, self.failed)]
        if not self._seconds:
            return counts
        ordered = sorted(self._seconds)
        return [*counts, *(Measurement(of, ordered[int(len(ordered) * share)]) for of, share in ((REQUEST_P50, 0.5), (REQUEST_P95, 0.95)))]


REQUESTS_HERE = Requests()
"""Of this process."""
