"""Puts the list of a call into force: the draw takes place, the ranks are fixed, the nonce is told."""

from services.evaluation.domain.draw import seed_of
from services.evaluation.domain.ranking import GRANTED, REFUSED, RESERVE, Listing, rank
from services.evaluation.steps.listing import active_cases, is_ready, listing_of
from services.evaluation.tables import CallRow, CaseRow, RankingRow
from shared.contracts.evaluation import RankingApproved
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def settle_list(context: Context, call: CallRow) -> None:
    """Where the policy asks for nobody's approval, a complete list is in force at once. The caller holds the lock on the call."""
    if call.selection_method == "first-come" or context.policies.get(call.policy_id).selection.approval != "none":
        return
    await context.session.flush()
    cases = await active_cases(context, call)
    if is_ready(call, cases) and await context.session.get(RankingRow, call.id) is None:
        await put_in_force(context, call, await listing_of(context, call, cases), reason="list-complete")


async def put_in_force(context: Context, call: CallRow, listing: Listing, *, reason: str) -> RankingRow:
    """The decisions themselves go out when the appeals are over."""
    assert call.nonce is not None, "a call with a list has a nonce (constraint of the table)"
    list_hash = listing.hash()
    seed = seed_of(list_hash, call.nonce)
    places = rank(listing, seed)
    for place in places:
        case = await context.session.get_one(CaseRow, place.entry.application_id)
        case.rank = place.rank
    outcomes = {str(place.entry.application_id): place.outcome for place in places}
    row = RankingRow(
        call_id=call.id,
        list_hash=list_hash,
        list_text=listing.text(),
        seed=seed,
        approved_by=context.actor.id,
        approved_at=context.now,
        outcomes=outcomes,
    )
    context.session.add(row)
    counts = {outcome: list(outcomes.values()).count(outcome) for outcome in (GRANTED, RESERVE, REFUSED)}
    event = RankingApproved(
        call_id=call.id,
        region=call.region,
        selection_method=call.selection_method,
        list_hash=list_hash,
        granted=counts[GRANTED],
        reserve=counts[RESERVE],
        refused=counts[REFUSED],
        nonce=call.nonce,
        seed=seed,
    )
    publish(context, event, reason=reason, policy_id=call.policy_id)
    await context.session.flush()
    return row
