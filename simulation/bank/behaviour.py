"""What the bank does with a transfer, decided by a hash: the same seed gives the same demo, whatever the order or the crashes."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.calendars.banks import next_bank_day

BANK_ZONE = ZoneInfo("Europe/Brussels")
"""The bank's days begin and end here, whatever the country of the account."""

ANSWER_AFTER = timedelta(hours=4)
LATE_AFTER = timedelta(days=5)
SILENT_FOR = timedelta(days=7)
ENQUIRY_AFTER = timedelta(days=12)

_REJECTIONS = ("AC04", "AC01")
_RETURNS = ("AC04", "AC06", "MS03")
_RETURN_DAYS = (2, 6)
_REPEATED_SCALE = 10
"""A second attempt goes wrong ten times less often."""


class Kind(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETURNED = "returned"
    LATE = "late"
    SILENT_BOOKED = "silent, booked"
    SILENT_REJECTED = "silent, rejected"


@dataclass(frozen=True, slots=True)
class Shares:
    """Percent of all transfers; what is left is accepted and booked."""

    rejected: int = 4
    returned: int = 3
    late: int = 3
    silent_booked: int = 4
    silent_rejected: int = 1

    def __post_init__(self) -> None:
        if min(self.by_kind.values()) < 0 or sum(self.by_kind.values()) > 100:
            raise ValueError("the bank's shares are percentages that add up to at most 100")

    @property
    def by_kind(self) -> dict[Kind, int]:
        return {
            Kind.REJECTED: self.rejected,
            Kind.RETURNED: self.returned,
            Kind.LATE: self.late,
            Kind.SILENT_BOOKED: self.silent_booked,
            Kind.SILENT_REJECTED: self.silent_rejected,
        }


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`reason` is the ISO reason code of a rejection or a return; `return_days` counts from the booking."""

    kind: Kind
    reason: str | None = None
    return_days: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """When what happens: `answer_at` (an instant) with a pain.002 of `status`, `book_on` and `return_on` (bank days)."""

    kind: Kind
    reason: str | None
    status: str | None
    answer_at: datetime | None
    book_on: date | None
    return_on: date | None


def decide(seed: str, end_to_end_id: str, instr_id: str, shares: Shares, *, repeated: bool) -> Behaviour:
    """`repeated`: the bank has seen another attempt (InstrId) at the same EndToEndId."""
    digest = int.from_bytes(hashlib.sha256(f"{seed}\x1f{end_to_end_id}\x1f{instr_id}".encode()).digest())
    digest, bucket = divmod(digest, 100 * (_REPEATED_SCALE if repeated else 1))
    for kind, share in shares.by_kind.items():
        if bucket < share:
            return _detail(kind, digest)
        bucket -= share
    return Behaviour(Kind.ACCEPTED)


def _detail(kind: Kind, digest: int) -> Behaviour:
    digest, choice = divmod(digest, len(_REJECTIONS) * len(_RETURNS))
    if kind is Kind.RETURNED:
        first, last = _RETURN_DAYS
        return Behaviour(kind, _RETURNS[choice % len(_RETURNS)], first + digest % (last - first + 1))
    if kind is Kind.REJECTED:
        return Behaviour(kind, _REJECTIONS[choice % len(_REJECTIONS)])
    return Behaviour(kind, "MS03" if kind is Kind.SILENT_REJECTED else None)


def plan(behaviour: Behaviour, received_at: datetime, requested_on: date, currency: str) -> Plan:
    """Booked on the requested day or the next bank day; never before the order was received, nor before a late answer."""
    wait = {Kind.LATE: LATE_AFTER, Kind.SILENT_REJECTED: ENQUIRY_AFTER}.get(behaviour.kind, ANSWER_AFTER)
    answer_at = None if behaviour.kind is Kind.SILENT_BOOKED else received_at + wait
    if behaviour.kind in (Kind.REJECTED, Kind.SILENT_REJECTED):
        return Plan(behaviour.kind, behaviour.reason, "RJCT", answer_at, None, None)
    earliest = max(requested_on, bank_day(received_at))
    if behaviour.kind is Kind.LATE:
        earliest = max(earliest, bank_day(received_at + wait))
    if behaviour.kind is Kind.SILENT_BOOKED:
        earliest += SILENT_FOR
    book_on = next_bank_day(earliest, currency)
    returned = behaviour.kind is Kind.RETURNED
    return_on = next_bank_day(book_on + timedelta(days=behaviour.return_days), currency) if returned else None
    return Plan(behaviour.kind, behaviour.reason, "ACSP" if answer_at else None, answer_at, book_on, return_on)


def bank_day(moment: datetime) -> date:
    """The day it is at the bank."""
    return moment.astimezone(BANK_ZONE).date()
