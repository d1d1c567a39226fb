"""Makes a decision: grants, places on the reserve list, refuses, or grants from the head of the reserve list.

The caller holds the lock on the call. A decision in force is superseded, never changed; the database allows one in force.
The usage of the envelope is computed from the decisions: what was awarded and not released. Payments' ledger is the authority and
may still refuse an award (VoucherNotFunded).
"""

from collections.abc import Sequence

from services.evaluation.domain import states
from services.evaluation.domain.allotment import next_from_reserve
from services.evaluation.domain.ranking import ListEntry
from services.evaluation.queries.decisions import decisions_of, envelope_usage, reserve_list, reserve_list_is_open
from services.evaluation.queries.listing import shortage_of
from services.evaluation.tables import CallRow, CaseRow, DecisionRow
from shared.contracts.common import AwardTerms
from shared.contracts.evaluation import AwardGranted, AwardRefused, ExpressionChosen, PlacedOnReserveList
from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def grant(
    context: Context, call: CallRow, case: CaseRow, *, from_reserve: bool, reason: str, amount_minor: int | None = None
) -> None:
    """Awards the case's amount, or a part of it. The award's id is derived from the application and the number of its grants. An expression
    of interest is chosen, and nothing is awarded."""
    if context.policies.get(call.policy_id).expression is not None:
        await _choose(context, call, case, from_reserve=from_reserve, reason=reason)
        return
    earlier = (await decisions_of(context, [case.application_id]))[case.application_id]
    grant_number = sum(decision.outcome == DecisionOutcome.GRANTED for decision in earlier) + 1
    award_id = derive_id(case.application_id, "award", grant_number)
    row = await _supersede(context, call, case, earlier, DecisionOutcome.GRANTED, [])
    row.amount_minor = case.amount_minor if amount_minor is None else amount_minor
    assert 0 <= row.amount_minor <= case.amount_minor, "an award is never above what was found eligible"
    row.award_id, row.voucher_id, row.grant_number = award_id, derive_id(award_id, "voucher"), grant_number
    event = AwardGranted(
        application_id=case.application_id,
        call_id=call.id,
        region=call.region,
        award_id=award_id,
        grant_number=grant_number,
        organisation_id=case.organisation_id,
        scheme=call.scheme,
        amount_minor=row.amount_minor,
        currency=case.currency,
        policy_id=case.policy_id,
        rank=_rank(case),
        from_reserve=from_reserve,
        terms=None if case.terms is None else AwardTerms.model_validate(case.terms),
    )
    publish(context, event, reason=reason, policy_id=case.policy_id)
    await context.session.flush()


async def _choose(context: Context, call: CallRow, case: CaseRow, *, from_reserve: bool, reason: str) -> None:
    """Final: who is invited stays so."""
    earlier = (await decisions_of(context, [case.application_id]))[case.application_id]
    await _supersede(context, call, case, earlier, DecisionOutcome.INVITED, [])
    event = ExpressionChosen(
        application_id=case.application_id, call_id=call.id, region=call.region, organisation_id=case.organisation_id,
        rank=_rank(case), from_reserve=from_reserve,
    )  # fmt: skip
    publish(context, event, reason=reason, policy_id=case.policy_id)
    await context.session.flush()


async def place_on_reserve_list(context: Context, call: CallRow, case: CaseRow, *, reason: str) -> None:
    """The reserve list is in the order of rank."""
    earlier = (await decisions_of(context, [case.application_id]))[case.application_id]
    await _supersede(context, call, case, earlier, DecisionOutcome.RESERVE, [])
    event = PlacedOnReserveList(application_id=case.application_id, call_id=call.id, region=call.region, position=_rank(case))
    publish(context, event, reason=reason, policy_id=case.policy_id)
    await context.session.flush()


async def refuse(context: Context, call: CallRow, case: CaseRow, rules: Sequence[str], *, cut_off_hundredths: int | None = None) -> None:
    """Final. The first of `rules` is the event's reason. `cut_off_hundredths`: the least total that is granted."""
    earlier = (await decisions_of(context, [case.application_id]))[case.application_id]
    await _supersede(context, call, case, earlier, DecisionOutcome.REFUSED, rules)
    event = AwardRefused(
        application_id=case.application_id,
        call_id=call.id,
        region=call.region,
        rules=list(rules),
        total_hundredths=case.total_hundredths,
        cut_off_hundredths=cut_off_hundredths,
    )
    publish(context, event, reason=rules[0], policy_id=case.policy_id)
    await context.session.flush()


async def grant_from_reserve_list(context: Context, call: CallRow) -> None:
    """Grants from the head of the reserve list what the envelope holds in full. When it does not, the head waits, and a smaller request
    behind it overtakes only where the policy says so (`when_short`). Nothing after the end of the reserve list."""
    if not reserve_list_is_open(call, context.now):
        call.unspent_minor = 0
        return
    free = call.budget_minor - (await envelope_usage(context, call)).granted_minor
    cases = await reserve_list(context, call)
    entries = [ListEntry(case.application_id, case.amount_minor, case.requested_minor) for case in cases]
    for case, is_granted in zip(cases, next_from_reserve(entries, free, shortage_of(context, call)), strict=True):
        if is_granted:
            await grant(context, call, case, from_reserve=True, reason="funds-free")
    await note_unspent(context, call)


async def note_unspent(context: Context, call: CallRow) -> None:
    """Keeps what no award takes, for the desk of the officers. After every change of decisions or of the envelope."""
    await context.session.flush()
    usage = await envelope_usage(context, call)
    call.unspent_minor = max(0, call.budget_minor - usage.granted_minor) if usage.has_waiting else 0


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
