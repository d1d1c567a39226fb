"""An officer returns an application for correction; after the call has closed, money, identity and project by two officers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.applications.domain.correction import check_return, needs_second_officer
from services.applications.locks import lock_case
from services.applications.steps.versions import keep_first_version
from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationReturned, ApplicationReturnProposed
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, require_person
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def return_application(
    context: Context, application_id: UUID, fields: Sequence[str], words: Mapping[str, str], note: str
) -> ApplicationRow:
    """Until `repair_by`, a deadline of the policy, the applicant may change the answers in `fields` (paths of the form). `words` say
    of each of them what is to be corrected.

    Where a second officer is needed, the first request is a proposal and the application stays submitted; the same request of another
    officer returns it, never of a machine. A request for other answers is a new proposal.

    Words and note are not in the event: they are free text and could hold a name. Those of the officer who returns it count.
    `Conflict` 'wrong-state' or 'returned-too-often', `Refused` 'words-elsewhere', 'unknown-field' or 'not-repairable'.
    """
    application, call = await lock_case(context, application_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    await take_part(context, Duty.SCREEN, application.id, call_id=call.id)
    policy = context.policies.get(call.policy_id)
    if unnamed := sorted(set(words) - set(fields)):
        raise Refused("words-elsewhere", "There are words for {path}, which is not to be corrected.", field="words", path=unnamed[0])
    check_return(application.state, application.returns, fields, policy, context.policies.form(call.form_id))
    about = {"application_id": application.id, "call_id": call.id, "region": call.region, "fields": list(fields)}
    by_two = needs_second_officer(fields, call.closes_at, context.now)
    same = application.proposed_return_fields == list(fields)
    if by_two and same and application.return_proposed_by == context.actor.id:
        return application
    if by_two and not same:
        application.proposed_return_fields, application.return_proposed_by = list(fields), context.actor.id
        publish(context, ApplicationReturnProposed.model_validate(about), reason="second-officer-needed", policy_id=policy.id)
        return application
    if by_two:
        require_person(context.actor)
    await keep_first_version(context, application)
    application.state, application.changed_at = ApplicationState.RETURNED, context.now
    application.repair_by = policy.deadline(policy.repair.within, context.now)
    application.returned_fields, application.return_words, application.return_note = list(fields), dict(words), note
    application.returns += 1
    times = {"revision": application.revision, "repair_by": application.repair_by}
    event = ApplicationReturned.model_validate({**about, **times, "proposed_by": application.return_proposed_by if by_two else None})
    application.proposed_return_fields = application.return_proposed_by = None
    publish(context, event, reason="incomplete", policy_id=policy.id)
    return application
