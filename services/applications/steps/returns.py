"""The return of an application for correction: of one, or of many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.applications.domain.correction import check_return, needs_second_officer
from services.applications.domain.submission import correction_ends
from services.applications.steps.versions import keep_first_version
from services.applications.tables import ApplicationRow, CallRow
from shared.contracts.applications import ApplicationReturned, ApplicationReturnProposed
from shared.identity.duties import Duty
from shared.identity.permissions import require_person
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


@dataclass(frozen=True, slots=True)
class Corrections:
    """`fields` are paths of the form; `words` say of each what is to be corrected there, `note` for all."""

    fields: Sequence[str] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


async def return_case(context: Context, application: ApplicationRow, call: CallRow, asked: Corrections) -> None:
    """Returns the locked application, or proposes it where a second officer is needed. Raises as `return_application`."""
    await take_part(context, Duty.SCREEN, application.id, call_id=call.id)
    policy, fields = context.policies.get(call.policy_id), asked.fields
    if unnamed := sorted(set(asked.words) - set(fields)):
        raise Refused("words-elsewhere", "There are words for {path}, which is not to be corrected.", field="words", path=unnamed[0])
    check_return(application.state, application.returns, fields, policy, context.policies.form(call.form_id))
    about = {"application_id": application.id, "call_id": call.id, "region": call.region, "fields": list(fields)}
    by_two = needs_second_officer(fields, call.closes_at, context.now)
    same = application.proposed_return_fields == list(fields)
    if by_two and same and application.return_proposed_by == context.actor.id:
        return
    if by_two and not same:
        application.proposed_return_fields, application.return_proposed_by = list(fields), context.actor.id
        publish(context, ApplicationReturnProposed.model_validate(about), reason="second-officer-needed", policy_id=policy.id)
        return
    if by_two:
        require_person(context.actor)
    await keep_first_version(context, application)
    application.state, application.changed_at = ApplicationState.RETURNED, context.now
    application.repair_by = correction_ends(policy.deadline(policy.repair.within, context.now), call.closes_at)
    application.returned_fields, application.return_words, application.return_note = list(fields), dict(asked.words), asked.note
    application.returns += 1
    times = {"revision": application.revision, "repair_by": application.repair_by, "calendar_id": policy.calendar_id(context.now)}
    event = ApplicationReturned.model_validate({**about, **times, "proposed_by": application.return_proposed_by if by_two else None})
    application.proposed_return_fields = application.return_proposed_by = None
    publish(context, event, reason="incomplete", policy_id=policy.id)
