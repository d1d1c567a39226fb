"""Makes a decision: grants, places on the reserve list, refuses, or grants from the head of the reserve list.

The caller holds the lock on the call. A decision in force is superseded, never changed; the database allows one in force.
The usage of the envelope is computed from the decisions: what was awarded and not released. Payments' ledger is the authority and
may still refuse an award (VoucherNotFunded).
"""

from collections.abc import Sequence

from services.evaluation.domain import states
from services.evaluation.queries.decisions import decisions_of, envelope_usage, reserve_list, reserve_list_is_open
from services.evaluation.tables import CallRow, CaseRow, DecisionRow
from shared.contracts.common import AwardTerms
from shared.contracts.evaluation import AwardGranted, AwardRefused, PlacedOnReserveList
from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def grant(context: Context, call: CallRow, case: CaseRow, *, from_reserve: bool, reason: str) -> None:
    """Awards the case's amount. The award's id is derived from the application and the number of its grants."""
    earlier = (await decisions_of(context, [case.application_id]))[case.application_id]
    grant_number = sum(decision.outcome == DecisionOutcome.GRANTED for decision in earlier) + 1
    award_id = derive_id(case.application_id, "award", grant_number)
    row = await _supersede(context, call, case, earlier, DecisionOutcome.GRANTED, [])
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
        terms=None if case.terms is None else AwardTerms.model_validate(case.terms),
    )
    publish(context, event, reason=reason, policy_id=case.policy_id)
    await context.session.flush()


async def place_on_reserve_list(context: Context, call: CallRow, case: CaseRow, *, reason: str) -> None:
    """The reserve list is in the order of rank."""
    earlier = (await decisions_of(context, [case.application_id]))[case.application_id]
    await _supersede(context, call, case, earlier, DecisionOutcome.RESERVE, [])
    event = PlacedOnReserveList(application_id=case.application_id, call_id=call.id, region=call.region, position=_rank(case))
    publish(context, event, reason=reason, policy_id=case.policy_id)
    await context.session.flush()


async def refuse(context: Context, call: CallRow, case: CaseRow, rules: Sequence[str]) -> None:
    """Final. The first of `rules` is the event's reason."""
    earlier = (await decisions_of(context, [case.application_id]))[case.application_id]
    await _supersede(context, call, case, earlier, DecisionOutcome.REFUSED, rules)
    event = AwardRefused(application_id=case.application_id, call_id=call.id, region=call.region, rules=list(rules))
    publish(context, event, reason=rules[0], policy_id=case.policy_id)
    await context.session.flush()


async def grant_from_reserve_list(context: Context, call: CallRow) -> None:
    """Grants from the head of the reserve list while the envelope holds the next case in full. Strict order: when it does not, the
    head waits, and a smaller request behind it does not overtake. Nothing after the end of the reserve list."""
    if not reserve_list_is_open(call, context.now):
        return
    free = call.budget_minor - (await envelope_usage(context, call)).granted_minor
    for case in await reserve_list(context, call):
        if case.amount_minor > free:
            return
        free -= case.amount_minor
        await grant(context, call, case, from_reserve=True, reason="funds-free")


async def _supersede(
    context: Context, call: CallRow, case: CaseRow, earlier: Sequence[DecisionRow], outcome: DecisionOutcome, rules: Sequence[str]
) -> DecisionRow:
    """Ends the decision in force and adds the next one, which the caller completes before it flushes."""
    last = earlier[-1] if earlier else None
    if last is not None:
        assert outcome in states.DECISION_TRANSITIONS[DecisionOutcome(last.outcome)], f"{last.outcome} is not superseded by {outcome}"
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
    assert case.rank is not None, "a case is ranked before it is granted or placed on the reserve list"
    return case.rank
