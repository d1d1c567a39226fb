"""Puts another list into force in place of the last one, after appeals were upheld or a conflict of interest was found, and cases were
scored again."""

from collections import Counter

from sqlalchemy import select, update
from sqlmodel import col

from services.evaluation.domain.ranking import Listing, rank_entries
from services.evaluation.domain.states import AppealState
from services.evaluation.queries.lists import lists_of
from services.evaluation.queries.nonce import nonce_of
from services.evaluation.steps.appeals import issue_decisions_unless_held
from services.evaluation.tables import AppealRow, CallRow, CaseRow, RankingRow, RevisedRankingRow
from shared.contracts.evaluation import RankingRevised
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def put_revision_in_force(context: Context, call: CallRow, listing: Listing, *, reason: str) -> RevisedRankingRow:
    """Ranks are those of the new list; the seed is that of the first one, so that equal scores keep their order. The upheld appeals are
    settled, and decisions go out if the term is over. The caller holds the lock on the call."""
    lists = await lists_of(context, call.id)
    first = lists[0]
    assert isinstance(first, RankingRow), "a list that is revised was approved"
    ranked = rank_entries(listing, first.seed)
    await context.session.execute(update(CaseRow).where(col(CaseRow.call_id) == call.id).values(rank=None))
    await context.session.flush()  # a rank is given once, so all are free before the new ones are given
    for each in ranked:
        case = await context.session.get_one(CaseRow, each.entry.application_id)
        case.rank = each.rank
    outcomes = {str(each.entry.application_id): each.outcome for each in ranked}
    row = RevisedRankingRow(
        call_id=call.id,
        number=len(lists) + 1,
        list_hash=listing.hash(),
        list_text=listing.text(),
        approved_by=context.actor.id,
        approved_at=context.now,
        outcomes=dict(outcomes),
    )
    context.session.add(row)
    counts = Counter(outcomes.values())
    event = RankingRevised(
        call_id=call.id,
        region=call.region,
        number=row.number,
        list_hash=row.list_hash,
        granted=counts[DecisionOutcome.GRANTED],
        reserve=counts[DecisionOutcome.RESERVE],
        refused=counts[DecisionOutcome.REFUSED],
        nonce=nonce_of(context, call),
        seed=first.seed,
    )
    publish(context, event, reason=reason, policy_id=call.policy_id)
    upheld = select(AppealRow).where(col(AppealRow.call_id) == call.id, col(AppealRow.state) == AppealState.UPHELD)
    for appeal in (await context.session.scalars(upheld)).all():
        appeal.state = AppealState.SETTLED
    call.revision_since = None
    await issue_decisions_unless_held(context, call)
    return row
