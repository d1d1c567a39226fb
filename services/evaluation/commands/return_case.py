"""VoucherNotFunded: the ledger could not hold the award; its case goes back to the head of the reserve list."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import move_up, place_on_reserve, refuse, reserve_is_open
from services.evaluation.tables import CallRow, CaseRow, DecisionRow
from shared.contracts.vouchers import VoucherNotFunded
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def return_case(context: Context, event: VoucherNotFunded) -> None:
    """It is granted again when funds are released. When that happened between the award and now it is tried at once, but not
    otherwise: our tally said that there was enough, so an immediate second try could go round for ever."""
    call = await lock_call(context, event.call_id)
    decision = (await context.session.scalars(select(DecisionRow).where(col(DecisionRow.award_id) == event.award_id))).one_or_none()
    if decision is None:
        raise NotYet(event.application_id, "the award is not known here")
    if decision.not_funded:
        return
    decision.not_funded = True
    await context.session.flush()
    await _put_back(context, call, await context.session.get_one(CaseRow, decision.application_id))
    if call.released_at is not None and call.released_at > decision.decided_at:
        await move_up(context, call)


async def _put_back(context: Context, call: CallRow, case: CaseRow) -> None:
    if case.withdrawn_at is not None:
        await refuse(context, call, case, ["withdrawn"])
    elif reserve_is_open(call, context.now):
        await place_on_reserve(context, call, case, reason="not-funded")
    else:
        await refuse(context, call, case, ["reserve-list-ended"])
