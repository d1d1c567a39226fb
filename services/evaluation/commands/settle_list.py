"""Puts the list of a call into force: the draw takes place, the ranks are fixed, the nonce is told."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.commands.listing import active_cases, is_ready, listing_of
from services.evaluation.domain.draw import seed_of
from services.evaluation.domain.ranking import GRANTED, REFUSED, RESERVE, Listing, rank
from services.evaluation.tables import CallRow, CaseRow, RankingRow
from shared.contracts.evaluation import RankingApproved
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish
from shared.policy.resolver import PolicyBook


async def settle_list(session: AsyncSession, cause: Cause, book: PolicyBook, call: CallRow) -> None:
    """Where the policy asks for nobody's approval, a complete list is in force at once. The caller holds the lock on the call."""
    if call.method == "first-come" or book.get(call.policy_id).selection.approval != "none":
        return
    await session.flush()
    cases = await active_cases(session, call)
    if is_ready(call, cases) and await session.get(RankingRow, call.id) is None:
        await put_in_force(session, cause, call, await listing_of(session, book, call, cases), reason="list-complete")


async def put_in_force(session: AsyncSession, cause: Cause, call: CallRow, listing: Listing, *, reason: str) -> RankingRow:
    """The decisions themselves go out when the appeals are over."""
    assert call.nonce is not None, "a call with a list has a nonce (constraint of the table)"
    list_hash = listing.hash()
    seed = seed_of(list_hash, call.nonce)
    places = rank(listing, seed)
    for place in places:
        case = await session.get_one(CaseRow, place.entry.application_id)
        case.rank = place.rank
    outcomes = {str(place.entry.application_id): place.outcome for place in places}
    row = RankingRow(
        call_id=call.id,
        list_hash=list_hash,
        list_text=listing.text(),
        seed=seed,
        approved_by=cause.actor,
        approved_at=cause.now,
        outcomes=outcomes,
    )
    session.add(row)
    counts = {outcome: list(outcomes.values()).count(outcome) for outcome in (GRANTED, RESERVE, REFUSED)}
    event = RankingApproved(
        call_id=call.id,
        region=call.region,
        method=call.method,
        list_hash=list_hash,
        granted=counts[GRANTED],
        reserve=counts[RESERVE],
        refused=counts[REFUSED],
        nonce=call.nonce,
        seed=seed,
    )
    publish(session, cause, event, reason=reason, policy_id=call.policy_id)
    await session.flush()
    return row
