"""A workflow woke, by its timer or by news: does time alone change the voucher?"""

from datetime import datetime

from services.vouchers.domain.review import Due, review
from services.vouchers.domain.stages import Outcome, Stage
from services.vouchers.steps.release import release_funds
from services.vouchers.steps.voucher import enter, facts, tell
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import MilestoneReached, OfferLapsed
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.schema import Policy

_MILESTONES = {
    Due.REMINDER: "offer-reminder",
    Due.END_OF_VALIDITY: "validity-ends",
    Due.END_OF_CLAIMS: "claim-window-ends",
    Due.ANSWER: "answer-overdue",
}


async def review_voucher(context: Context, row: VoucherRow, policy: Policy) -> None:
    """Reminds, lets lapse, ends validity or the claim window, says that payments is silent, or does nothing. `row` is locked: an
    acceptance that was written before stands, one that comes after finds the offer lapsed."""
    found = review(facts(row), policy, context.now)
    if found.due is None or found.at is None:
        return
    if found.due is Due.LAPSE:
        tell(context, row, OfferLapsed, "no-answer")
        release_funds(context, row, Outcome.LAPSED)
        return
    if found.due is Due.REMINDER:
        row.reminded_until = found.at
    elif found.due is Due.ANSWER:
        row.overdue_since = found.at
    else:
        enter(context, row, Stage.CLAIMING if found.due is Due.END_OF_VALIDITY else Stage.SETTLING)
    _announce(context, row, _MILESTONES[found.due], found.at)


def _announce(context: Context, row: VoucherRow, kind: str, due_at: datetime) -> None:
    milestone = MilestoneReached(subject_id=row.id, case_id=row.application_id, region=row.region, kind=kind, due_at=due_at)
    publish(context, milestone, reason="deadline", policy_id=row.policy_id)
