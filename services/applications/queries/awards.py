"""What an organisation was awarded by the calls of this platform."""

from sqlalchemy import or_, select
from sqlmodel import col

from services.applications.domain.form import known
from services.applications.domain.headroom import Award
from services.applications.domain.open_awards import NEVER_TAKEN
from services.applications.tables import ApplicationRow, CallRow
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def awards_of(context: Context, application: ApplicationRow, policy: Policy) -> list[Award]:
    """Other awards of the applicant in the member state of `policy`, in its currency, by the calls of every region, under a
    regulation that counts with its own. The amount is that which was found eligible; the day is that of the decision."""
    row = ApplicationRow
    query = (
        select(col(row.amount_minor), col(row.decided_at), col(CallRow.policy_id))
        .join(CallRow, col(CallRow.id) == col(row.call_id))
        .where(col(row.organisation_id) == application.organisation_id, col(row.id) != application.id)
        .where(col(row.decision) == DecisionOutcome.GRANTED, col(row.amount_minor).is_not(None))
        .where(or_(col(row.voucher_outcome).is_(None), col(row.voucher_outcome).not_in(NEVER_TAKEN)))
    )
    found = []
    for amount, decided_at, policy_id in (await context.session.execute(query)).all():
        rules = context.policies.get(policy_id)
        same = (rules.calendar.country, rules.currency) == (policy.calendar.country, policy.currency)
        if same and rules.de_minimis.named in policy.de_minimis.counted:
            found.append(Award(rules.local_day(known(decided_at)), known(amount)))
    return found
