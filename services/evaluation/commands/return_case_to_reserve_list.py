"""VoucherNotFunded: the ledger could not hold the award, so the case goes back to the head of the reserve list; or the ceiling of de
minimis aid leaves too little for it, so it is refused and the reserve list moves up."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.queries.decisions import reserve_list_is_open
from services.evaluation.steps.decisions import grant_from_reserve_list, place_on_reserve_list, refuse
from services.evaluation.tables import CallRow, CaseRow, DecisionRow
from shared.contracts.vouchers import VoucherNotFunded
from shared.kernel.errors import NotYet
from shared.messaging.context import Context

DE_MINIMIS_CEILING = "de-minimis-ceiling"
"""The rule by which payments refuses one award alone, whatever the envelope has."""


async def return_case_to_reserve_list(context: Context, event: VoucherNotFunded) -> None:
    """It is granted again when funds are released. `NotYet` for an unknown award.

    It is tried again at once only if funds were released since the award: our usage of the envelope said that there was enough,
    so an unconditional second try could repeat without end. What the ceiling refuses is refused for good, and its money is free for the
    next one.
    """
    call = await lock_call(context, event.call_id)
    decision = (await context.session.scalars(select(DecisionRow).where(col(DecisionRow.award_id) == event.award_id))).one_or_none()
    if decision is None:
        raise NotYet(event.application_id, "the award is not known yet")
    if decision.not_funded:
        return
    decision.not_funded = True
    await context.session.flush()
    case = await context.session.get_one(CaseRow, decision.application_id)
    if event.rule == DE_MINIMIS_CEILING:
        await refuse(context, call, case, [DE_MINIMIS_CEILING])
        await grant_from_reserve_list(context, call)
        return
    await _decide_again(context, call, case)
    if call.released_at is not None and call.released_at > decision.decided_at:
        await grant_from_reserve_list(context, call)


async def _decide_again(context: Context, call: CallRow, case: CaseRow) -> None:
    if case.withdrawn_at is not None:
        await refuse(context, call, case, ["withdrawn"])
    elif reserve_list_is_open(call, context.now):
        await place_on_reserve_list(context, call, case, reason="not-funded")
    else:
        await refuse(context, call, case, ["reserve-list-ended"])
