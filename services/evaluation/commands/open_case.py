"""ApplicationFoundEligible: an application competes from here on."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.commands.check_screening import check_screening
from services.evaluation.commands.locking import lock_call
from services.evaluation.commands.take_turn import advance_queue, note_turn
from services.evaluation.commands.withdraw_case import take_out
from services.evaluation.domain.queue import ELIGIBLE, WITHDRAWN
from services.evaluation.tables import CaseRow
from shared.contracts.applications import ApplicationFoundEligible
from shared.messaging.cause import Cause
from shared.policy.resolver import PolicyBook


async def open_case(session: AsyncSession, book: PolicyBook, event: ApplicationFoundEligible, cause: Cause) -> None:
    """Opened once. When the withdrawal was heard of before, the case is opened and taken out at once."""
    call = await lock_call(session, event.call_id)
    if await session.get(CaseRow, event.application_id) is not None:
        return
    turn = await note_turn(session, call, event.application_id, event.sequence, ELIGIBLE)
    case = CaseRow(
        relations=sorted({relation.hash for relation in event.relations}),
        opened_at=cause.now,
        **event.model_dump(exclude={"relations"}),
    )
    session.add(case)
    await session.flush()
    if turn.state == WITHDRAWN:
        await take_out(session, cause, call, case)
    await advance_queue(session, cause, call)
    await check_screening(session, cause, book, call)
