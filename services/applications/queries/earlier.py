"""What applicants have in the scheme of a policy already, over all its calls."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.applications.domain.earlier import NOTHING_EARLIER, Earlier, Held, earlier_of
from services.applications.domain.form import known
from services.applications.queries.providers import provider_ties
from services.applications.tables import ApplicationRow, CallRow
from shared.kernel.vocabulary import ApplicationState, DecisionOutcome
from shared.messaging.context import Context
from shared.policy.case_terms import counts_earlier
from shared.policy.schema import Policy


async def earlier_for(context: Context, application: ApplicationRow, policy: Policy, hash_key: bytes) -> Earlier:
    """Of the applicant of this application."""
    return (await earlier_by_application(context, [application], policy, hash_key)).get(application.id, NOTHING_EARLIER)


async def earlier_by_application(
    context: Context, applications: Collection[ApplicationRow], policy: Policy, hash_key: bytes
) -> dict[UUID, Earlier]:
    """Application → what its applicant has beside it; nothing is read where the policy does not count it. The year that counts is that of
    the submission, of a draft that of now. `hash_key` is the key of the hashes of relations."""
    counted, tied = await _counted(context, applications, policy), await provider_ties(context, applications, policy, hash_key)
    return counted | {one: replace(counted.get(one, NOTHING_EARLIER), provider_ties=kinds) for one, kinds in tied.items()}


async def _counted(context: Context, applications: Collection[ApplicationRow], policy: Policy) -> dict[UUID, Earlier]:
    if not applications or not counts_earlier(policy):
        return {}
    row = ApplicationRow
    columns = ("id", "organisation_id", "voucher_type", "amount_minor", "submitted_at", "voucher_outcome")
    query = (
        select(*(col(getattr(row, name)) for name in columns))
        .join(CallRow, col(CallRow.id) == col(row.call_id))
        .where(col(row.organisation_id).in_({one.organisation_id for one in applications}))
        .where(col(CallRow.region) == policy.region, col(CallRow.scheme) == policy.scheme)
        .where(col(row.state) == ApplicationState.ELIGIBLE)
        .where(or_(col(row.decision).is_(None), col(row.decision) != DecisionOutcome.REFUSED))
    )
    found = (await context.session.execute(query)).all()

    def earlier(application: ApplicationRow) -> Earlier:
        others = [one for one in found if one.organisation_id == application.organisation_id and one.id != application.id]
        held = [
            Held(one.voucher_type, known(one.amount_minor), policy.local_day(known(one.submitted_at)), one.voucher_outcome)
            for one in others
        ]
        return earlier_of(policy, held, policy.local_day(application.submitted_at or context.now).year)

    return {application.id: earlier(application) for application in applications}
