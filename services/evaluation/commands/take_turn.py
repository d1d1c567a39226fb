"""ApplicationSubmitted and ApplicationFoundIneligible: the application's place in the queue of its call."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.queue import ELIGIBLE, later, turns
from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import grant, place_on_reserve, refuse, reserve_is_open, standing_of
from services.evaluation.tables import CallRow, CaseRow, TurnRow
from shared.messaging.context import Context

ROUND = 200


async def take_turn(context: Context, call_id: UUID, application_id: UUID, sequence: int, state: str) -> None:
    """Notes how far the application is; in a first-come call, decides all whose turn has come by that."""
    call = await lock_call(context, call_id)
    await note_turn(context, call, application_id, sequence, state)
    await advance_queue(context, call)


async def note_turn(context: Context, call: CallRow, application_id: UUID, sequence: int, state: str) -> TurnRow:
    """The caller holds the lock on the call. Old news changes nothing."""
    turn = await context.session.get(TurnRow, (call.id, sequence))
    if turn is None:
        turn = TurnRow(call_id=call.id, sequence=sequence, application_id=application_id, state=state)
        context.session.add(turn)
    turn.state = later(turn.state, state)
    return turn


async def advance_queue(context: Context, call: CallRow) -> None:
    """First come: decides in the order of sequences, as far as all earlier ones are known and screened."""
    while call.selection_method == "first-come":
        query = select(TurnRow).where(col(TurnRow.call_id) == call.id, col(TurnRow.sequence) >= call.next_sequence)
        rows = (await context.session.scalars(query.order_by(col(TurnRow.sequence)).limit(ROUND))).all()
        known = {row.sequence: row for row in rows}
        ready = turns({sequence: row.state for sequence, row in known.items()}, call.next_sequence)
        for sequence in ready:
            if known[sequence].state == ELIGIBLE:
                await _decide(context, call, await context.session.get_one(CaseRow, known[sequence].application_id))
            call.next_sequence = sequence + 1
        if len(ready) < ROUND:
            return


async def _decide(context: Context, call: CallRow, case: CaseRow) -> None:
    """Granted while the envelope holds it and nobody waits on the reserve list before it."""
    case.rank = case.sequence
    standing = await standing_of(context, call)
    if case.amount_minor <= call.envelope_minor - standing.granted_minor and not standing.somebody_waits:
        await grant(context, call, case, from_reserve=False, reason="first-come")
    elif reserve_is_open(call, context.now):
        await place_on_reserve(context, call, case, reason="envelope-exhausted")
    else:
        await refuse(context, call, case, ["envelope-exhausted"])
