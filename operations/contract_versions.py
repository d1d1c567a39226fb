"""Event logs of an upgraded installation hold events of older contract versions; here they get the present names."""

from collections.abc import Mapping
from typing import Any

from shared.contracts import BY_TYPE
from shared.messaging.event import Event


def with_present_names(event_type: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the fields of the present version of its contract; unchanged when the type is unknown."""
    contract = BY_TYPE.get(event_type, Event)
    return contract.present(body, event_type)


def types_of(contract: type[Event]) -> list[str]:
    """All types of this contract's events in a log: the present one and the older ones that it still reads."""
    return [contract.type, *contract.renamed]
