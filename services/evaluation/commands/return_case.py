"""VoucherNotFunded: the ledger could not hold the award; its case goes back to the head of the reserve list."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evaluation.commands.decide import move_up, place_on_reserve, refuse, reserve_is_open
from services.evaluation.commands.locking import lock_call
from services.evaluation.tables import CallRow, CaseRow, DecisionRow
from shared.contracts.vouchers import VoucherNotFunded
from shared.kernel.errors import NotYet
from shared.messaging.cause import Cause


async def return_case(session: AsyncSession, event: VoucherNotFunded, cause: Cause) -> None:
    """It is granted again when funds are released. When that happened between the award and now it is tried at once, but not
    otherwise: our tally said that there was enough, so an immediate second try could go round for ever."""
    call = await lock_call(session, event.call_id)
    decision = (await session.scalars(select(DecisionRow).where(col(DecisionRow.award_id) == event.award_id))).one_or_none()
    if decision is None:
        raise NotYet(event.application_id, "the award is not known here")
    if decision.not_funded:
        return
    decision.not_funded = True
    await session.flush()
    await _put_back(session, cause, call, await session.get_one(CaseRow, decision.application_id))
    if call.released_at is not None and call.released_at > decision.decided_at:
        await move_up(session, cause, call)


async def _put_back(session: AsyncSession, cause: Cause, call: CallRow, case: CaseRow) -> None:
    if case.withdrawn_at is not None:
        await refuse(session, cause, call, case, ["withdrawn"])
    elif reserve_is_open(call, cause.now):
        await place_on_reserve(session, cause, call, case, reason="not-funded")
    else:
        await refuse(session, cause, call, case, ["reserve-list-ended"])
