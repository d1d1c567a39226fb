"""Events of several services in the order in which they happened."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Protocol, TypeVar
from uuid import UUID


class Caused(Protocol):
    """An event of `service`, at its `position` in the log there; `causation_id` is the event that caused it."""

    @property
    def service(self) -> str: ...
    @property
    def event_id(self) -> UUID: ...
    @property
    def position(self) -> int: ...
    @property
    def time(self) -> datetime: ...
    @property
    def causation_id(self) -> UUID | None: ...


Happened = TypeVar("Happened", bound=Caused)


def in_order(events: Iterable[Happened]) -> list[Happened]:
    """By time, within a service by position, and never an effect before its cause even when the clocks differ. Each event once."""
    distinct = {event.event_id: event for event in events}
    effects: dict[UUID, list[Happened]] = defaultdict(list)
    roots = []
    for event in distinct.values():
        if event.causation_id in distinct and event.causation_id is not None:
            effects[event.causation_id].append(event)
        else:
            roots.append(event)
    return list(_merge(roots, effects))


def _merge(roots: list[Happened], effects: dict[UUID, list[Happened]]) -> Iterator[Happened]:
    """Yields the earliest event whose cause was already yielded. A cycle of causes, which cannot occur, would be left out."""
    ready = [(*_place(event), event) for event in roots]
    heapify(ready)
    while ready:
        event = heappop(ready)[-1]
        yield event
        for effect in effects.pop(event.event_id, []):
            heappush(ready, (*_place(effect), effect))


def _place(event: Caused) -> tuple[datetime, str, int, UUID]:
    """No two events have the same, so that the events themselves are never compared."""
    return event.time, event.service, event.position, event.event_id
