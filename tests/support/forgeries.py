"""Forged variants of an event: one field at a time says something that is plausible and wrong."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.kernel.ids import new_id
from shared.messaging.event import Event

WORDS = {
    "region": "dk-kolding",
    "currency": "DKK",
    "scheme": "growth-voucher",
    "policy_id": "dk-kolding/growth-voucher/2025-12-01@000000000000",
}
"""Field → a value that another region has."""


def forged_values(event: Event, field: str, largest_minor: int) -> Iterator[Any]:
    """Wrong values for a field of money or identity; none for a field of another kind."""
    value = getattr(event, field)
    if field in WORDS:
        yield WORDS[field]
    elif isinstance(value, UUID):
        yield new_id()
    elif field.endswith("_minor"):
        yield from (0, (value or 0) + 1, largest_minor + 1)
    elif isinstance(value, datetime) and field.endswith("_until"):
        yield value + timedelta(days=3650)


def forged(event: Event, field: str, largest_minor: int) -> list[Event]:
    return [event.model_copy(update={field: value}) for value in forged_values(event, field, largest_minor)]
