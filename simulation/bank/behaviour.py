"""Decides by a hash how the bank treats a transfer: the same seed gives the same result, in any order and after any crash."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.calendars.banks import next_bank_day

BANK_ZONE = ZoneInfo("Europe/Brussels")
"""The time zone of the bank's days, for accounts of every country."""

ANSWER_AFTER = timedelta(hours=4)
LATE_AFTER = timedelta(days=5)
UNANSWERED_BOOKED_AFTER = timedelta(days=7)
ENQUIRY_AFTER = timedelta(days=12)

_REJECTIONS = ("AC04", "AC01")
_RETURNS = ("AC04", "AC06", "MS03")
_RETURN_DAYS = (2, 6)
_REPEATED_SCALE = 10
"""A second attempt fails ten times less often."""


class Kind(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETURNED = "returned"
    LATE = "late"
    UNANSWERED_BOOKED = "unanswered, booked"
    UNANSWERED_REJECTED = "unanswered, rejected"


@dataclass(frozen=True, slots=True)
class Shares:
    """Percent of all transfers. The others are accepted and booked."""

    rejected: int = 4
    returned: int = 3
    late: int = 3
    unanswered_booked: int = 4
    unanswered_rejected: int = 1

    def __post_init__(self) -> None:
        if min(self.by_kind.values()) < 0 or sum(self.by_kind.values()) > 100:
            raise ValueError("the bank's shares are percentages that add up to at most 100")

    @property
    def by_kind(self) -> dict[Kind, int]:
        return {
            Kind.REJECTED: self.rejected,
            Kind.RETURNED: self.returned,
            Kind.LATE: self.late,
            Kind.UNANSWERED_BOOKED: self.unanswered_booked,
            Kind.UNANSWERED_REJECTED: self.unanswered_rejected,
        }


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`reason` is the ISO reason code of a rejection or a return; `return_days` counts from the booking."""

    kind: Kind
    reason: str | None = None
    return_days: int = 0


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """The planned events: a pain.002 with `status` at instant `answer_at`; booking and return on the bank days `book_on`, `return_on`.
    `expected_on`: the bank day on which a transfer without trouble is booked, not before `requested_on`."""

    kind: Kind
    reason: str | None
    status: str | None
    answer_at: datetime | None
    book_on: date | None
    return_on: date | None
    requested_on: date
    expected_on: date


def decide(seed: str, payment: str, instr_id: str, shares: Shares, *, repeated: bool) -> Behaviour:
    """Returns the behaviour for one attempt. `repeated`: the bank knows another attempt (InstrId) at the same
    `payment`, which is what all EndToEndIds of it begin with."""
    digest = int.from_bytes(hashlib.sha256(f"{seed}\x1f{payment}\x1f{instr_id}".encode()).digest())
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
    return Behaviour(kind, "MS03" if kind is Kind.UNANSWERED_REJECTED else None)


def of_a_batch(behaviour: Behaviour) -> Behaviour:
    """At a bank that answers and books a batch at once: what would be late is not."""
    if behaviour.kind in (Kind.LATE, Kind.UNANSWERED_BOOKED):
        return Behaviour(Kind.ACCEPTED)
    if behaviour.kind is Kind.UNANSWERED_REJECTED:
        return Behaviour(Kind.REJECTED, behaviour.reason)
    return behaviour


def is_doubled(seed: str, instr_id: str, percent: int) -> bool:
    """Whether the bank books the debit a second time by mistake."""
    digest = hashlib.sha256(f"{seed}\x1fdoubled\x1f{instr_id}".encode()).digest()
    return int.from_bytes(digest) % 100 < percent


def plan_transfer(behaviour: Behaviour, received_at: datetime, requested_on: date, currency: str) -> TransferPlan:
    """Plans a booking on the requested day or the next bank day, but not before the order was received or a late answer was given."""
    wait = {Kind.LATE: LATE_AFTER, Kind.UNANSWERED_REJECTED: ENQUIRY_AFTER}.get(behaviour.kind, ANSWER_AFTER)
    answer_at = None if behaviour.kind is Kind.UNANSWERED_BOOKED else received_at + wait
    earliest = max(requested_on, bank_day(received_at))
    expected_on = next_bank_day(earliest, currency)
    if behaviour.kind in (Kind.REJECTED, Kind.UNANSWERED_REJECTED):
        return TransferPlan(behaviour.kind, behaviour.reason, "RJCT", answer_at, None, None, requested_on, expected_on)
    if behaviour.kind is Kind.LATE:
        earliest = max(earliest, bank_day(received_at + wait))
    if behaviour.kind is Kind.UNANSWERED_BOOKED:
        earliest += UNANSWERED_BOOKED_AFTER
    book_on = next_bank_day(earliest, currency)
    returned = behaviour.kind is Kind.RETURNED
    return_on = next_bank_day(book_on + timedelta(days=behaviour.return_days), currency) if returned else None
    return TransferPlan(
        behaviour.kind, behaviour.reason, "ACSP" if answer_at else None, answer_at, book_on, return_on, requested_on, expected_on
    )


def bank_day(moment: datetime) -> date:
    """Returns the date in the bank's time zone."""
    return moment.astimezone(BANK_ZONE).date()
