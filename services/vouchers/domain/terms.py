"""The dates of a voucher by the rules of its policy. All are ends of days in the region, and none is after the programme's end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.vouchers.domain.stages import AWAITS_PAYMENTS, Stage, Voucher
from shared.calendars.time_limit import end_of_day
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import BASIS
from shared.policy.schema import Policy

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Validity:
    valid_until: datetime
    claim_window_until: datetime


def answer_by(policy: Policy, offered_at: datetime) -> datetime:
    """Until when an offer can be answered."""
    return policy.capped_deadline(policy.offer.accept_within, offered_at)


def answer_due(policy: Policy, voucher: Voucher) -> datetime | None:
    """When the reply of payments becomes overdue. None when none is awaited, and when `answer-overdue` was announced already.

    For a settlement the limits add up: the last claim on a voucher may first be checked, then paid, then answered on by the bank.
    """
    end = voucher.state_since
    if voucher.state not in AWAITS_PAYMENTS or end is None or voucher.overdue_since or voucher.settled_at:
        return None
    settling = voucher.state is Stage.SETTLING
    if settling and policy.balance is not None and voucher.outcome is None:
        if voucher.report_decided_at is None:
            return None  # the report is with an officer
        end = max(end, voucher.report_decided_at)
    last_claim = policy.claims.check_within, policy.claims.pay_within, policy.bank.silence_after
    for limit in last_claim if settling else (policy.payment.answer_within,):
        end = policy.deadline(limit, end - _MOMENT)
    return end


def deposit_lapses_at(policy: Policy, voucher: Voucher) -> datetime | None:
    """When it is announced that an own share was not paid in, after which payments lets the aid lapse: the term counts from the issue; what
    the bank booked within it may be read on a statement that comes later, within the time that the bank has to answer. None where no
    deposit is awaited, or this was announced."""
    if policy.deposit is None or policy.value.intensity_bp == BASIS or voucher.state is not Stage.ISSUED:
        return None
    if voucher.issued_at is None or voucher.deposit_paid_at is not None or voucher.deposit_missed_at is not None:
        return None
    due = policy.capped_deadline(policy.deposit.within, voucher.issued_at)
    return policy.deadline(policy.bank.silence_after, due - _MOMENT)


def validity(policy: Policy, issued_at: datetime) -> Validity:
    """Counts from the day of issue. The claim window follows the validity."""
    return _with_claim_window(policy, policy.capped_deadline(policy.validity, issued_at))


def extended(policy: Policy, voucher: Voucher, until: datetime, now: datetime) -> Validity:
    """The new dates when validity is extended to the end of the local day of `until`.

    Raises `Conflict` not-valid, extensions-used-up; `Refused` date-not-later, extension-too-long (both name `valid_until`).
    """
    if voucher.state is not Stage.ISSUED or voucher.valid_until is None or now >= voucher.valid_until:
        raise Conflict("not-valid", "Only a voucher that is still valid can be extended.", state=voucher.state)
    if voucher.extensions >= policy.extension.max_count:
        most = policy.extension.max_count
        raise Conflict("extensions-used-up", "The voucher was extended as often as the policy allows: {most}.", most=most)
    old = voucher.valid_until
    wanted = end_of_day((until - _MOMENT).astimezone(ZoneInfo(policy.zone)).date(), policy.zone)
    longest = policy.capped_deadline(policy.extension.longest, old - _MOMENT)
    if wanted <= old:
        raise Refused("date-not-later", "The new date has to be later than {present}.", field="valid_until", present=old, zone=policy.zone)
    if wanted > longest:
        raise Refused(
            "extension-too-long",
            "The policy allows an extension until {longest} at most.",
            field="valid_until",
            longest=longest,
            zone=policy.zone,
        )
    return _with_claim_window(policy, wanted)


def _with_claim_window(policy: Policy, valid_until: datetime) -> Validity:
    """An end of day is the midnight after it. One moment earlier is still the last day, from which the claim window counts; with a time of
    grace, from the last day of that."""
    usable_until = policy.grace_ends(valid_until)
    return Validity(valid_until, policy.capped_deadline(policy.claims.claim_window, usable_until - _MOMENT))
