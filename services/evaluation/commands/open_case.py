"""ApplicationFoundEligible: an application competes from here on."""

from services.evaluation.commands.check_screening import check_screening
from services.evaluation.commands.take_turn import advance_queue, note_turn
from services.evaluation.commands.withdraw_case import take_out
from services.evaluation.domain.queue import ELIGIBLE, WITHDRAWN
from services.evaluation.locks import lock_call
from services.evaluation.tables import CaseRow
from shared.contracts.applications import ApplicationFoundEligible
from shared.messaging.context import Context


async def open_case(context: Context, event: ApplicationFoundEligible) -> None:
    """Opened once. When the withdrawal was heard of before, the case is opened and taken out at once."""
    call = await lock_call(context, event.call_id)
    if await context.session.get(CaseRow, event.application_id) is not None:
        return
    turn = await note_turn(context, call, event.application_id, event.sequence, ELIGIBLE)
    case = CaseRow(
        relations=sorted({relation.hash for relation in event.relations}),
        opened_at=context.now,
        **event.model_dump(exclude={"relations"}),
    )
    context.session.add(case)
    await context.session.flush()
    if turn.state == WITHDRAWN:
        await take_out(context, call, case)
    await advance_queue(context, call)
    await check_screening(context, call)
