"""The queue of a first-come call: how far each application is, and the decisions that follow in the order of the sequence."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.allotment import award_in_queue
from services.evaluation.domain.queue import decidable_sequences, later_state
from services.evaluation.domain.states import QueueState
from services.evaluation.queries.decisions import envelope_usage, reserve_list_is_open
from services.evaluation.queries.listing import shortage_by, voucher_type_of
from services.evaluation.steps.decisions import grant, note_unspent, place_on_reserve_list, refuse
from services.evaluation.tables import CallRow, CaseRow, QueueEntryRow
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context

BATCH = 200


async def record_queue_state(context: Context, call: CallRow, application_id: UUID, sequence: int, state: QueueState) -> QueueState:
    """The state of the application in the queue after this event; an event that arrives late does not take it back.

    The place of an application is the last number that it got: earlier ones are moved, in whatever order the events arrive.

    The caller holds the lock on the call and then calls `decide_first_come`.
    """
    place = await _place_of(context, application_id)
    if place is not None and place.sequence < sequence:
        place.state = later_state(QueueState(place.state), QueueState.MOVED)
        await context.session.flush()  # before the new place is added: an application has one
    elif place is not None and place.sequence > sequence:
        state = QueueState.MOVED
    entry = await context.session.get(QueueEntryRow, (call.id, sequence))
    if entry is None:
        context.session.add(QueueEntryRow(call_id=call.id, sequence=sequence, application_id=application_id, state=state))
        return state
    entry.state = later_state(QueueState(entry.state), state)
    return QueueState(entry.state)


async def record_request(
    context: Context, call: CallRow, application_id: UUID, sequence: int, organisation_id: UUID, requested_minor: int
) -> None:
    """What the application asks for; a correction may ask for less. Nothing for a place that is not known yet, and in other calls."""
    entry = await context.session.get(QueueEntryRow, (call.id, sequence))
    if entry is not None and entry.application_id == application_id:
        entry.organisation_id = organisation_id
        entry.requested_minor = min(requested_minor, entry.requested_minor or requested_minor)


async def _place_of(context: Context, application_id: UUID) -> QueueEntryRow | None:
    """The last place of the application that is known: the one that is not moved."""
    query = select(QueueEntryRow).where(col(QueueEntryRow.application_id) == application_id, col(QueueEntryRow.state) != QueueState.MOVED)
    return (await context.session.scalars(query)).one_or_none()


async def decide_first_come(context: Context, call: CallRow) -> None:
    """Decides in the order of the sequence, up to the first application that is unknown or not screened. The caller holds the lock
    on the call. Other selection methods do nothing here."""
    while call.selection_method == SelectionMethod.FIRST_COME:
        query = select(QueueEntryRow).where(col(QueueEntryRow.call_id) == call.id, col(QueueEntryRow.sequence) >= call.next_sequence)
        rows = (await context.session.scalars(query.order_by(col(QueueEntryRow.sequence)).limit(BATCH))).all()
        entries = {row.sequence: row for row in rows}
        ready = decidable_sequences({sequence: QueueState(row.state) for sequence, row in entries.items()}, call.next_sequence)
        for sequence in ready:
            if entries[sequence].state == QueueState.ELIGIBLE:
                await _decide(context, call, await context.session.get_one(CaseRow, entries[sequence].application_id))
            call.next_sequence = sequence + 1
        if len(ready) < BATCH:
            return


async def _decide(context: Context, call: CallRow, case: CaseRow) -> None:
    """Granted while the envelope holds it and no earlier case is on the reserve list; what else the policy says of money that is less than
    a case asks for (`when_short`) holds here as on a list; a part is no less than the smallest voucher of the type that the case has."""
    case.rank = case.sequence
    usage = await envelope_usage(context, call)
    free = call.budget_minor - usage.granted_minor
    shortage = shortage_by(context.policies.get(call.policy_id), voucher_type_of(case.terms))
    award = award_in_queue(case.amount_minor, free, shortage, has_waiting=usage.has_waiting)
    if award is not None:
        reason = "first-come" if award == case.amount_minor else "partial-award"
        await grant(context, call, case, from_reserve=False, reason=reason, amount_minor=award)
        if usage.has_waiting:
            await note_unspent(context, call)
    elif reserve_list_is_open(call, context.now):
        await place_on_reserve_list(context, call, case, reason="envelope-exhausted")
        call.unspent_minor = max(0, free)
    else:
        await refuse(context, call, case, ["envelope-exhausted"])
