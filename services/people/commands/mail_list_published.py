"""RankingApproved: the list of the call is published, and open to appeals before anything is decided from it."""

from services.people.domain.mails import Template
from services.people.queries.cases import cases_of_call
from services.people.steps.mails import mail_members
from shared.contracts.binding import require_same
from shared.contracts.evaluation import RankingApproved
from shared.messaging.context import Context


async def mail_list_published(context: Context, event: RankingApproved) -> None:
    """To the applicants who have submitted in the call, with the last moment of an appeal. `Contradiction` when the call is of another
    region."""
    for case in await cases_of_call(context, event.call_id):
        require_same(event, case)
        if case.receipt is not None:
            policy = context.policies.get(case.policy_id)
            facts = {"appeal_until": policy.deadline(policy.appeal, context.happened_at).isoformat()}
            await mail_members(context, case, Template.LIST_PUBLISHED, facts)
