"""The steps that make a decision: grant, place on the reserve list, refuse, move the reserve list up.

The caller holds the lock on the call. A decision in force is superseded, never changed; the database lets one be in force.
The envelope is tallied from the decisions: what was awarded and not given back. Payments' ledger is the authority and may
still refuse an award (VoucherNotFunded).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlmodel import col

from services.evaluation.domain.ranking import GRANTED, REFUSED, RESERVE
from services.evaluation.tables import CallRow, CaseRow, DecisionRow
from shared.contracts.evaluation import AwardGranted, AwardRefused, PlacedOnReserveList
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.messaging.outbox import publish


@dataclass(frozen=True, slots=True)
class Standing:
    """What awards hold of the call's envelope, and whether anybody is on the reserve list."""

    granted_minor: int
    somebody_waits: bool


async def standing_of(context: Context, call: CallRow) -> Standing:
    held = col(DecisionRow.amount_minor) - col(DecisionRow.released_minor)
    counts = and_(col(DecisionRow.outcome) == GRANTED, col(DecisionRow.not_funded).is_(False))
    waits = and_(col(DecisionRow.outcome) == RESERVE, col(DecisionRow.superseded_at).is_(None))
    query = select(func.coalesce(func.sum(held).filter(counts), 0), func.count().filter(waits)).where(col(DecisionRow.call_id) == call.id)
    granted, waiting = (await context.session.execute(query)).one()
    return Standing(int(granted), waiting > 0)


async def decision_in_force(context: Context, case: CaseRow) -> DecisionRow | None:
    query = select(DecisionRow).where(col(DecisionRow.application_id) == case.application_id, col(DecisionRow.superseded_at).is_(None))
    return (await context.session.scalars(query)).one_or_none()


def reserve_is_open(call: CallRow, now: datetime) -> bool:
    return call.reserve_ended_at is None and now < call.reserve_list_ends_at


async def grant(context: Context, call: CallRow, case: CaseRow, *, from_reserve: bool, reason: str) -> None:
    """Awards the case's amount. The award's id follows from the application and how often it was granted."""
    earlier = await _earlier_decisions(context, case)
    grant_number = sum(decision.outcome == GRANTED for decision in earlier) + 1
    award_id = derive_id(case.application_id, "award", grant_number)
    row = await _next_decision(context, call, case, earlier, GRANTED, [])
    row.award_id, row.voucher_id, row.grant_number = award_id, derive_id(award_id, "voucher"), grant_number
    event = AwardGranted(
        application_id=case.application_id,
        call_id=call.id,
        region=call.region,
        award_id=award_id,
        grant_number=grant_number,
        organisation_id=case.organisation_id,
        scheme=call.scheme,
        amount_minor=case.amount_minor,
        currency=case.currency,
        policy_id=case.policy_id,
        rank=_rank(case),
        from_reserve=from_reserve,
    )
    publish(context, event, reason=reason, policy_id=case.policy_id)
    await context.session.flush()


async def place_on_reserve(context: Context, call: CallRow, case: CaseRow, *, reason: str) -> None:
    """Its place in the reserve list is its rank."""
    await _next_decision(context, call, case, await _earlier_decisions(context, case), RESERVE, [])
    event = PlacedOnReserveList(application_id=case.application_id, call_id=call.id, region=call.region, position=_rank(case))
    publish(context, event, reason=reason, policy_id=case.policy_id)
    await context.session.flush()


async def refuse(context: Context, call: CallRow, case: CaseRow, rules: Sequence[str]) -> None:
    """Final. The first of `rules` is the event's reason."""
    await _next_decision(context, call, case, await _earlier_decisions(context, case), REFUSED, rules)
    event = AwardRefused(application_id=case.application_id, call_id=call.id, region=call.region, rules=list(rules))
    publish(context, event, reason=rules[0], policy_id=case.policy_id)
    await context.session.flush()


async def reserve_list(context: Context, call: CallRow) -> list[CaseRow]:
    """The cases on the reserve list, the head first. A case that was not funded stands at its rank, so before all others."""
    query = (
        select(CaseRow)
        .join(DecisionRow, col(DecisionRow.application_id) == col(CaseRow.application_id))
        .where(col(CaseRow.call_id) == call.id, col(DecisionRow.superseded_at).is_(None), col(DecisionRow.outcome) == RESERVE)
        .order_by(col(CaseRow.rank))
    )
    return list((await context.session.scalars(query)).all())


async def move_up(context: Context, call: CallRow) -> None:
    """Grants from the head of the reserve list while the envelope holds the next in full. Strict order: when it does not, the head
    waits, and a smaller request behind it does not overtake."""
    if not reserve_is_open(call, context.now):
        return
    free = call.envelope_minor - (await standing_of(context, call)).granted_minor
    for case in await reserve_list(context, call):
        if case.amount_minor > free:
            return
        free -= case.amount_minor
        await grant(context, call, case, from_reserve=True, reason="funds-free")


async def _earlier_decisions(context: Context, case: CaseRow) -> Sequence[DecisionRow]:
    query = select(DecisionRow).where(col(DecisionRow.application_id) == case.application_id)
    return (await context.session.scalars(query.order_by(col(DecisionRow.number)))).all()


async def _next_decision(
    context: Context, call: CallRow, case: CaseRow, earlier: Sequence[DecisionRow], outcome: str, rules: Sequence[str]
) -> DecisionRow:
    """Ends the decision in force and adds the next, which the caller completes before it flushes."""
    last = earlier[-1] if earlier else None
    if last is not None:
        last.superseded_at = context.now
        await context.session.flush()  # before the insert: the database allows one in force
    number = last.number + 1 if last else 1
    row = DecisionRow(
        id=derive_id(case.application_id, "decision", number),
        application_id=case.application_id,
        call_id=call.id,
        number=number,
        outcome=outcome,
        rules=list(rules),
        amount_minor=case.amount_minor,
        decided_at=context.now,
    )
    context.session.add(row)
    return row


def _rank(case: CaseRow) -> int:
    assert case.rank is not None, "a case is ranked before it is granted or placed"
    return case.rank
