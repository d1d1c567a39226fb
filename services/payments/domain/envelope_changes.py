"""More money for an envelope: a top-up from outside, or a transfer from another envelope of the same region and currency."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.payments.domain.ledger import EntryKind
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import Money


class ChangeKind(StrEnum):
    TOP_UP = "top-up"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Purse:
    """An envelope as a change sees it."""

    call_id: UUID
    region: str
    available: Money
    awaits_confirmation: bool


@dataclass(frozen=True, slots=True)
class EnvelopeEntry:
    """One entry in the ledger of a call."""

    call_id: UUID
    kind: EntryKind
    amount_minor: int


def check_change(target: Purse, source: Purse | None, amount_minor: int) -> None:
    """`Refused` 'same-envelope', 'envelopes-differ' or 'above-available'; `Conflict` 'envelope-not-confirmed'."""
    if target.awaits_confirmation or (source and source.awaits_confirmation):
        raise Conflict("envelope-not-confirmed", "The envelope waits for its confirmation by finance. Its money cannot be changed before.")
    if source is None:
        return
    if source.call_id == target.call_id:
        raise Refused("same-envelope", "Choose two different envelopes.", field="from_call_id")
    if source.region != target.region or source.available.currency != target.available.currency:
        raise Refused("envelopes-differ", "A transfer stays in one region and one currency. Choose another envelope.", field="from_call_id")
    if amount_minor > source.available.minor:
        raise above_available(source.available)


def above_available(available: Money) -> Refused:
    return Refused(
        "above-available",
        "The envelope that gives has {available} available. Enter at most that.",
        field="amount_minor",
        available=available,
    )


def left_over(available_minor: int, proposed_minor: int) -> int:
    """What a round leaves to the next one: what is available in its envelope, and not proposed for another one already."""
    return max(0, available_minor - proposed_minor)


def entries_of(kind: ChangeKind, call_id: UUID, from_call_id: UUID | None, amount_minor: int) -> list[EnvelopeEntry]:
    """What a change writes into the ledger: each call's accounts still add up to zero."""
    if kind is ChangeKind.TOP_UP or from_call_id is None:
        return [EnvelopeEntry(call_id, EntryKind.TOPPED_UP, amount_minor)]
    return [
        EnvelopeEntry(from_call_id, EntryKind.TRANSFERRED_OUT, amount_minor),
        EnvelopeEntry(call_id, EntryKind.TRANSFERRED_IN, amount_minor),
    ]
