"""The single undertaking as a graph (Regulation (EU) 2023/2831, article 2(2)): organisations and tax numbers that links join on a day.

A node is text: `organisation_node` or `number_node`. Two organisations with one tax number are one firm without any link.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

_ORGANISATION, _NUMBER = "organisation:", "number:"
SAME_NUMBER = "same-number"
"""The kind of the edge between an organisation and the tax number with which it applies."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Two nodes that are one undertaking from the day `valid_from` on, until the day before `valid_until`; None: without such an end."""

    one: str
    other: str
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day < self.valid_until)


def organisation_node(organisation_id: UUID) -> str:
    return f"{_ORGANISATION}{organisation_id}"


def number_node(number_hash: str) -> str:
    return f"{_NUMBER}{number_hash}"


def organisations_in(nodes: Iterable[str]) -> frozenset[UUID]:
    return frozenset(UUID(node.removeprefix(_ORGANISATION)) for node in nodes if node.startswith(_ORGANISATION))


def undertaking(start: str, edges: Iterable[Edge], on: date) -> frozenset[str]:
    """All nodes that links of the day join to `start`, also through others."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.holds_on(on):
            neighbours[edge.one].add(edge.other)
            neighbours[edge.other].add(edge.one)
    reached, waiting = {start}, [start]
    while waiting:
        new = neighbours[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return frozenset(reached)
