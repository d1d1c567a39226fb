"""Puts the list of a call into force: the draw takes place, the ranks are fixed and the nonce is published."""

from collections import Counter

from services.evaluation.domain.appeals import list_is_revised, revision_reason
from services.evaluation.domain.draw import seed_of
from services.evaluation.domain.ranking import Listing, rank_entries
from services.evaluation.domain.states import AppealState
from services.evaluation.queries.appeals import appeal_states
from services.evaluation.queries.listing import active_cases, is_complete, listing_of
from services.evaluation.queries.nonce import nonce_of
from services.evaluation.queries.randomness import awaits_randomness, recorded_randomness
from services.evaluation.steps.revision import put_revision_in_force
from services.evaluation.tables import CallRow, CaseRow, RankingRow
from shared.contracts.evaluation import RankingApproved
from shared.kernel.vocabulary import DecisionOutcome, SelectionMethod
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def put_ranking_in_force_if_complete(context: Context, call: CallRow) -> None:
    """Where the policy asks for no approval, a complete list is in force at once, or as soon as the public randomness that the policy asks
    for is recorded. The caller holds the lock on the call."""
    if call.selection_method == SelectionMethod.FIRST_COME or context.policies.get(call.policy_id).selection.approval != "none":
        return
    await context.session.flush()
    cases = await active_cases(context, call)
    if await awaits_randomness(context, call):
        return
    if not is_complete(call, cases):
        return
    states = await appeal_states(context, call)
    if await context.session.get(RankingRow, call.id) is None:
        await put_ranking_in_force(context, call, await listing_of(context, call, cases), reason="list-complete")
    elif list_is_revised(states, call.revision_since) and AppealState.LODGED not in states:
        await put_revision_in_force(context, call, await listing_of(context, call, cases), reason=revision_reason(call.revision_since))


async def put_ranking_in_force(context: Context, call: CallRow, listing: Listing, *, reason: str) -> RankingRow:
    """The decisions themselves are issued when the appeals are over."""
    list_hash, nonce = listing.hash(), nonce_of(context, call)
    public = await recorded_randomness(context, call)
    seed = seed_of(list_hash, nonce, public.randomness if public else "")
    ranked = rank_entries(listing, seed)
    for each in ranked:
        case = await context.session.get_one(CaseRow, each.entry.application_id)
        case.rank = each.rank
    row = RankingRow(
        call_id=call.id,
        list_hash=list_hash,
        list_text=listing.text(),
        seed=seed,
        approved_by=context.actor.id,
        approved_at=context.now,
        outcomes={str(each.entry.application_id): each.outcome for each in ranked},
    )
    context.session.add(row)
    counts = Counter(each.outcome for each in ranked)
    event = RankingApproved(
        call_id=call.id,
        region=call.region,
        selection_method=call.selection_method,
        list_hash=list_hash,
        granted=counts[DecisionOutcome.GRANTED],
        reserve=counts[DecisionOutcome.RESERVE],
        refused=counts[DecisionOutcome.REFUSED],
        nonce=nonce,
        randomness=public.randomness if public else None,
        seed=seed,
    )
    publish(context, event, reason=reason, policy_id=call.policy_id)
    await context.session.flush()
    return row
