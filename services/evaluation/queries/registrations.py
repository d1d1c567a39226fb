"""Whether the money that a registered application asks for is reserved."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.registration import Registered, RegistrationState, registrations
from services.evaluation.domain.states import QueueState
from services.evaluation.queries.decisions import envelope_usage
from services.evaluation.queries.views import RegistrationView
from services.evaluation.tables import CallRow, DecisionRow, QueueEntryRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def read_registration(context: Context, application_id: UUID) -> RegistrationView:
    """`NotFound` 'not-registered' for an application that has not arrived here, and where the policy reserves nothing at registration."""
    row = QueueEntryRow
    places = select(row).where(col(row.application_id) == application_id).order_by(col(row.sequence).desc()).limit(1)
    entry = await context.session.scalar(places)
    call = await context.session.get(CallRow, entry.call_id) if entry else None
    if entry is None or call is None or entry.organisation_id is None:
        raise NotFound("not-registered", "No money is reserved at the registration of this application.")
    authorise(context.actor, Permission.READ_DECISION, region=call.region, owner=owned_by(entry.organisation_id))
    if context.policies.get(call.policy_id).registration is None:
        raise NotFound("not-registered", "No money is reserved at the registration of this application.")
    states = await _states(context, call)
    ahead = sum(1 for sequence, state in states.items() if sequence < entry.sequence and state is not RegistrationState.RELEASED)
    return RegistrationView(
        application_id=application_id, call_id=call.id, region=call.region, state=states[entry.sequence], ahead=ahead,
        requested_minor=entry.requested_minor, currency=call.currency, in_repair=entry.state == QueueState.WAITING,
    )  # fmt: skip


async def _states(context: Context, call: CallRow) -> dict[int, RegistrationState]:
    decided = select(col(DecisionRow.application_id)).where(col(DecisionRow.call_id) == call.id)
    known = set(await context.session.scalars(decided))
    entries = await context.session.scalars(select(QueueEntryRow).where(col(QueueEntryRow.call_id) == call.id))
    usage = await envelope_usage(context, call)
    registered = [Registered(one.sequence, one.state, one.requested_minor, one.application_id in known) for one in entries]
    return registrations(registered, call.budget_minor - usage.granted_minor, has_waiting=usage.has_waiting)
