"""Invoices dated after the end of a voucher's validity, for what was ordered while it was valid. (No I/O, no clock.)"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from shared.calendars.time_limit import last_day_before
from shared.kernel.errors import Refused
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Orderable:
    """An invoice, the day on which it says that the thing was ordered, and the fields of both days."""

    issued_on: date
    ordered_on: date | None
    issued_field: str
    ordered_field: str


def check_ordered(invoices: Iterable[Orderable], policy: Policy, valid_until: datetime | None) -> None:
    """For a policy with a time of grace, which says what may still be redeemed after validity; without one nothing is checked here.

    `Refused` 'after-grace', 'order-missing', 'ordered-after-validity', 'ordered-after-invoice'.
    """
    if policy.grace is None or valid_until is None:
        return
    last, last_of_grace = (last_day_before(end, policy.zone) for end in (valid_until, policy.grace_ends(valid_until)))
    for one in invoices:
        if one.ordered_on is not None and one.ordered_on > one.issued_on:
            raise Refused("ordered-after-invoice", "The order is dated after the invoice.", field=one.ordered_field)
        if one.ordered_on is not None and one.ordered_on > last:
            raise Refused(
                "ordered-after-validity", "The voucher was valid until {last}: what was ordered later is not paid for.",
                field=one.ordered_field, last=last,
            )  # fmt: skip
        if one.issued_on <= last:
            continue
        if one.issued_on > last_of_grace:
            raise Refused(
                "after-grace", "Invoices are taken that are dated {last_of_grace} or earlier.", field=one.issued_field,
                last_of_grace=last_of_grace,
            )  # fmt: skip
        if one.ordered_on is None:
            raise Refused(
                "order-missing", "The invoice is dated after {last}, the last day of the voucher: say on which day you ordered.",
                field=one.ordered_field, last=last,
            )  # fmt: skip
