"""A workflow woke, by its timer or by a signal: does what is due by time alone."""

from services.vouchers.domain.review import Due, review
from services.vouchers.domain.stages import Stage
from services.vouchers.steps.attendance import confirm_silent, end_attendance
from services.vouchers.steps.events import publish_voucher_event, publish_voucher_milestone
from services.vouchers.steps.release import request_release
from services.vouchers.steps.voucher import enter_stage, facts_of
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import OfferLapsed
from shared.kernel.vocabulary import MilestoneKind, VoucherOutcome
from shared.messaging.context import Context
from shared.policy.schema import Policy

_MILESTONES = {
    Due.REMINDER: MilestoneKind.OFFER_REMINDER,
    Due.END_OF_VALIDITY: MilestoneKind.VALIDITY_ENDS,
    Due.END_OF_CLAIM_WINDOW: MilestoneKind.CLAIM_WINDOW_ENDS,
    Due.OVERDUE: MilestoneKind.ANSWER_OVERDUE,
    Due.REPORT: MilestoneKind.FINAL_REPORT_DUE,
    Due.DEPOSIT: MilestoneKind.DEPOSIT_DUE,
}


async def review_voucher(context: Context, row: VoucherRow, policy: Policy) -> None:
    """Reminds, lapses the offer, ends validity or the claim window, announces an overdue reply of payments, or that no
    final report or deposit came in time, or does nothing. Of hours and places it confirms what nobody has objected to, and settles.

    `row` is locked: an acceptance that was written before holds, and one that comes after finds the offer lapsed.
    """
    found = review(facts_of(row), policy, context.now)
    if found.due is None or found.at is None:
        return
    if found.due is Due.LAPSE:
        publish_voucher_event(context, row, OfferLapsed, "no-answer")
        await request_release(context, row, VoucherOutcome.LAPSED)
        return
    if found.due is Due.CONFIRMATION:
        await confirm_silent(context, row)
        return
    if found.due is Due.END_OF_CLAIM_WINDOW and policy.benefit is not None:
        enter_stage(context, row, Stage.SETTLING)
        await end_attendance(context, row, "attendance-ended")
        return
    if found.due is Due.REMINDER:
        row.reminded_until = found.at
    elif found.due is Due.REPORT:
        row.report_decided_at = context.now
    elif found.due is Due.OVERDUE:
        row.overdue_since = found.at
    elif found.due is Due.DEPOSIT:
        row.deposit_missed_at = found.at  # payments may know of a deposit of which nothing has arrived here yet
    else:
        enter_stage(context, row, Stage.CLAIMING if found.due is Due.END_OF_VALIDITY else Stage.SETTLING)
    publish_voucher_milestone(context, row, _MILESTONES[found.due], found.at)
