"""When what is claimed on a voucher may be invoiced, delivered and paid for. (No I/O, no clock: everything is an argument.)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shared.calendars.time_limit import last_day_before
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import EvidenceKind
from shared.policy.schema import Policy

ISSUED, DELIVERED, PAID = "issued_on", "delivered_on", "paid_on"
DAY_OF_DOCUMENT: Mapping[str, str] = MappingProxyType(
    {
        EvidenceKind.INVOICE: ISSUED,
        EvidenceKind.DELIVERABLE: DELIVERED,
        EvidenceKind.ACCEPTANCE_PROTOCOL: DELIVERED,
        EvidenceKind.PROOF_OF_PAYMENT: PAID,
    }
)
"""Which day a document of a claim without lines is dated by. The others prove no expenditure."""


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ExpenditureWindow:
    issued: Days
    delivered: Days
    paid: Days


@dataclass(frozen=True, slots=True)
class VoucherDates:
    """What a window is counted from. None where it is not known: a voucher that was issued before its dates were kept."""

    call_opens_at: datetime | None
    issued_at: datetime | None
    valid_until: datetime | None
    claim_window_until: datetime | None


def window_of(policy: Policy, dates: VoucherDates) -> ExpenditureWindow | None:
    """None where the policy has no `[claims.dates]`. Instants become days in the region's zone; `valid_until` and the end of the claim
    window are the midnight after the last day. A time of grace counts as valid: `grace.check_ordered` says what falls into it."""
    rules, zone = policy.claims.dates, ZoneInfo(policy.zone)
    if rules is None:
        return None
    opened = date.min if dates.call_opens_at is None else dates.call_opens_at.astimezone(zone).date()
    first = {"call-opens": opened, "issue": opened if dates.issued_at is None else dates.issued_at.astimezone(zone).date()}
    valid_until = policy.grace_ends(dates.valid_until) if policy.grace and dates.valid_until else dates.valid_until
    window_ends = date.max if dates.claim_window_until is None else last_day_before(dates.claim_window_until, policy.zone)
    last = {"claim-window": window_ends, "validity": window_ends if valid_until is None else last_day_before(valid_until, policy.zone)}
    issued, delivered, paid = (Days(first[rule.first], last[rule.last]) for rule in (rules.issued, rules.delivered, rules.paid))
    return ExpenditureWindow(issued, delivered, paid)


def check_days(window: ExpenditureWindow | None, days: Mapping[str, date | None], fields: Mapping[str, str]) -> None:
    """`days` and `fields` by what they are the day of: `issued_on`, `delivered_on`, `paid_on`. `Refused` 'before-expenditure' or
    'after-expenditure' at its field. A day that is not given is not checked."""
    if window is None:
        return
    for name, bounds in ((ISSUED, window.issued), (DELIVERED, window.delivered), (PAID, window.paid)):
        day = days.get(name)
        if day is not None and day < bounds.first:
            raise Refused(
                "before-expenditure",
                "This is dated before {first}. The voucher pays only for what is of that day or later: claim another invoice.",
                field=fields[name],
                first=bounds.first,
            )
        if day is not None and day > bounds.last:
            raise Refused(
                "after-expenditure",
                "This is dated after {last}. The voucher pays only for what is of that day or earlier: claim another invoice.",
                field=fields[name],
                last=bounds.last,
            )
