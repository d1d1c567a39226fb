"""What is due for a voucher by time alone: decided each time its workflow wakes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.vouchers.domain.actions import may_close, may_issue, may_offer
from services.vouchers.domain.reports import awaited_report, waits_for_officer
from services.vouchers.domain.stages import Stage, Voucher, end_of_stage
from services.vouchers.domain.terms import answer_due, deposit_lapses_at
from shared.calendars.time_limit import days_later
from shared.policy.schema import Policy


class Due(StrEnum):
    REMINDER = "reminder"
    LAPSE = "lapse"
    END_OF_VALIDITY = "end-of-validity"
    END_OF_CLAIM_WINDOW = "end-of-claim-window"
    OVERDUE = "overdue"
    REPORT = "report"
    DEPOSIT = "deposit"
    CONFIRMATION = "confirmation"


_ENDS = {Stage.OFFERED: Due.LAPSE, Stage.ISSUED: Due.END_OF_VALIDITY, Stage.CLAIMING: Due.END_OF_CLAIM_WINDOW}

_LOOK_AGAIN = timedelta(days=7)
"""While a report is with an officer, who may return it: its new term is seen at most so much later, which is at nobody's expense."""


@dataclass(frozen=True)
class Review:
    """`due`: what is to be done now. `at`: the instant when it was due. `until`: when to review again (None: nothing comes by time)."""

    due: Due | None
    at: datetime | None
    until: datetime | None


def review(voucher: Voucher, policy: Policy, now: datetime) -> Review:
    """Compares instants, so a timer that fires early or late changes nothing. Returns one thing at a time: review again after it."""
    report_due = awaited_report(policy, voucher)
    if report_due is not None:
        return Review(Due.REPORT if now >= report_due else None, report_due if now >= report_due else None, report_due)
    lapses_at = deposit_lapses_at(policy, voucher)
    if lapses_at is not None and (voucher.valid_until is None or lapses_at < voucher.valid_until):
        return Review(Due.DEPOSIT if now >= lapses_at else None, lapses_at if now >= lapses_at else None, lapses_at)
    if waits_for_officer(policy, voucher):
        return Review(None, None, now + _LOOK_AGAIN)
    if policy.benefit is not None and voucher.confirm_by is not None and now >= voucher.confirm_by:
        return Review(Due.CONFIRMATION, voucher.confirm_by, voucher.confirm_by)
    end = end_of_stage(voucher.state, voucher.answer_by, voucher.valid_until, voucher.claim_window_until)
    if policy.benefit is not None and voucher.state is not Stage.REQUESTED:  # payments is asked before the offer, and then nothing
        end = min((at for at in (end, voucher.confirm_by) if at is not None), default=None)
    else:
        end = end or answer_due(policy, voucher)
    if end is None:
        return Review(None, None, None)
    if now >= end:
        return Review(_ENDS.get(voucher.state, Due.OVERDUE), end, end)
    reminders = _reminders(voucher, policy)
    passed = [instant for instant in reminders if instant <= now]
    if passed:
        return Review(Due.REMINDER, passed[-1], passed[-1])
    return Review(None, None, reminders[0] if reminders else end)


def left_to_do(voucher: Voucher, policy: Policy, now: datetime) -> str | None:
    """What the lifecycle has to do now by the row alone, in the same words until it is done. None: it waits for time, or for others."""
    found = review(voucher, policy, now)
    if found.due is not None:
        return f"{found.due} {found.at}"
    answered = may_offer(voucher) or may_issue(voucher) or may_close(voucher)
    return f"{voucher.state} is answered" if answered else None


def _reminders(voucher: Voucher, policy: Policy) -> list[datetime]:
    """The instants of an offer's reminders that are still to come or were missed, the earliest first."""
    since = voucher.reminded_until or voucher.offered_at
    if voucher.state is not Stage.OFFERED or voucher.answer_by is None or since is None:
        return []
    instants = [days_later(voucher.answer_by, -days, policy.zone) for days in policy.offer.reminders_before_days]
    return sorted(instant for instant in instants if instant > since)
