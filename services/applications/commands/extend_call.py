"""An officer gives applicants more time."""

from datetime import datetime
from uuid import UUID

from services.applications.domain.rounds import check_round_end
from services.applications.locks import lock_call
from services.applications.queries.rounds import rounds_with
from services.applications.tables import CallRow
from shared.calendars.time_limit import moved_day
from shared.contracts.applications import CallExtended
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import CallState
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.schema import Policy


async def extend_call(context: Context, call_id: UUID, closes_at: datetime, reason: str) -> CallRow:
    """Moves the end to `closes_at`, and the later dates by as many days. The same end again changes nothing.

    `Conflict` 'call-ended' after the old end; `Refused` 'date-not-later', 'reserve-list-after-programme-end', or
    'round-after-next' for a round of a rolling call.
    """
    call = await lock_call(context, call_id)
    authorise(context.actor, Permission.MANAGE_CALLS, region=call.region)
    await take_part(context, Duty.PUBLISH_CALL, call_id=call.id)
    if closes_at == call.closes_at:
        return call
    policy = context.policies.get(call.policy_id)
    _check(context, call, closes_at, policy)
    later = [one.closes_at for one in await rounds_with(context, call) if (one.round_number or 0) > (call.round_number or 0)]
    check_round_end(closes_at, later, policy.zone)
    call.evaluation_due_at, call.reserve_list_ends_at = (
        moved_day(end, call.closes_at, closes_at, policy.zone) for end in (call.evaluation_due_at, call.reserve_list_ends_at)
    )
    previous, call.closes_at = call.closes_at, closes_at
    event = CallExtended(
        call_id=call.id,
        region=call.region,
        closes_at=closes_at,
        previous_closes_at=previous,
        evaluation_due_at=call.evaluation_due_at,
        reserve_list_ends_at=call.reserve_list_ends_at,
    )
    publish(context, event, reason=reason, policy_id=call.policy_id)
    return call


def _check(context: Context, call: CallRow, closes_at: datetime, policy: Policy) -> None:
    if call.state == CallState.CLOSED or context.now >= call.closes_at:
        raise Conflict("call-ended", "The call ended on {ended_at}.", ended_at=call.closes_at, zone=policy.zone)
    if closes_at < call.closes_at:
        raise Refused(
            "date-not-later",
            "The new date has to be later than {present}.",
            field="closes_at",
            present=call.closes_at,
            zone=policy.zone,
        )
    if moved_day(call.reserve_list_ends_at, call.closes_at, closes_at, policy.zone) > policy.programme_end_at:
        raise Refused(
            "reserve-list-after-programme-end",
            "The reserve list would end after the programme, which ends on {programme_end}.",
            field="closes_at",
            programme_end=policy.programme_end,
        )
