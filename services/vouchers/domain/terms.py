"""The dates of a voucher by the rules of its policy. All end with a day of the region, and none after the programme."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.vouchers.domain.stages import AWAITS_PAYMENTS, Stage, Voucher
from shared.calendars.deadline import end_of_day
from shared.kernel.errors import Conflict, Refused
from shared.policy.schema import Policy

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Validity:
    valid_until: datetime
    claim_window_until: datetime


def answer_by(policy: Policy, offered_at: datetime) -> datetime:
    """Until when an offer stands."""
    return policy.capped_deadline(policy.offer.accept_within, offered_at)


def answer_due(policy: Policy, voucher: Voucher) -> datetime | None:
    """When the silence of payments is made known; None when there is nothing to wait for, and when it is known already.

    The last claim on a voucher may be checked, paid and answered on by the bank before it is settled: none of it is late until then.
    """
    end = voucher.state_since
    if voucher.state not in AWAITS_PAYMENTS or end is None or voucher.overdue_since or voucher.settled_at:
        return None
    settling = voucher.state is Stage.SETTLING
    last_claim = policy.claims.check_within, policy.claims.pay_within, policy.bank.silence_after
    for term in last_claim if settling else (policy.payment.answer_within,):
        end = policy.deadline_end(term, end - _MOMENT)
    return end


def validity(policy: Policy, issued_at: datetime) -> Validity:
    """From the day of issue; the claim window follows it."""
    return _with_claims(policy, policy.capped_deadline(policy.validity, issued_at))


def extended(policy: Policy, voucher: Voucher, until: datetime, now: datetime) -> Validity:
    """The new dates when validity is extended to the end of the local day of `until`.

    Raises `Conflict` not-valid, extensions-used-up; `Refused` not-later, too-long (both name `valid_until`).
    """
    if voucher.state is not Stage.ISSUED or voucher.valid_until is None or now >= voucher.valid_until:
        raise Conflict("not-valid", "Only a voucher that is still valid can be extended.", state=voucher.state)
    if voucher.extensions >= policy.extension.max_count:
        raise Conflict("extensions-used-up", f"The policy allows {policy.extension.max_count} extension(s).")
    old = voucher.valid_until
    wanted = end_of_day((until - _MOMENT).astimezone(ZoneInfo(policy.zone)).date(), policy.zone)
    longest = policy.capped_deadline(policy.extension.longest, old - _MOMENT)
    if wanted <= old:
        raise Refused("not-later", "The new date has to be later than the old one.", field="valid_until", valid_until=old)
    if wanted > longest:
        raise Refused("too-long", "The policy does not extend this far.", field="valid_until", longest=longest)
    return _with_claims(policy, wanted)


def _with_claims(policy: Policy, valid_until: datetime) -> Validity:
    """An end of day is the midnight after it: a moment earlier is still the last day, from which the next term counts."""
    return Validity(valid_until, policy.capped_deadline(policy.claims.within, valid_until - _MOMENT))
