"""The events of all services in the order in which they happened."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class CaseEvent(BaseModel):
    """An event in a service's history, and the service. `time` is programme time."""

    service: str
    event_id: UUID
    position: int
    type: str
    subject: UUID
    time: datetime
    actor: str
    reason: str
    policy_id: str
    causation_id: UUID | None
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """'ApplicationSubmitted' of 'applications.ApplicationSubmitted.v1'."""
        return self.type.split(".")[1]


def in_order(events: Iterable[CaseEvent]) -> list[CaseEvent]:
    """By time, within a service by position, and never an effect before its cause even when the clocks differ. Each event once."""
    distinct = {event.event_id: event for event in events}
    effects: dict[UUID, list[CaseEvent]] = defaultdict(list)
    roots = []
    for event in sorted(distinct.values(), key=lambda event: (event.time, event.service, event.position)):
        if event.causation_id in distinct:
            effects[event.causation_id].append(event)
        else:
            roots.append(event)
    return list(_merge(roots, effects))


def _merge(roots: list[CaseEvent], effects: dict[UUID, list[CaseEvent]]) -> Iterator[CaseEvent]:
    """Yields the earliest event whose cause was already yielded. A cycle of causes, which cannot occur, would be left out."""
    ready = list(roots)
    while ready:
        event = min(ready, key=lambda event: (event.time, event.service, event.position))
        ready.remove(event)
        yield event
        ready += effects.pop(event.event_id, [])
