"""An officer screens one application by the rules of its policy."""

from uuid import UUID

from services.applications.locks import lock_call, lock_limits, read_case
from services.applications.queries.earlier import earlier_for
from services.applications.queries.overrules import overrules_of
from services.applications.steps.overrules import check_none_waits
from services.applications.steps.screening import complete_screening, record_screening, screen
from services.applications.tables import ApplicationRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def screen_application(context: Context, application_id: UUID, *, hash_key: bytes) -> ApplicationRow:
    """The application, now eligible or ineligible, with every rule's result. An application that is screened already is not changed.

    `Conflict` 'wrong-state' in any other state, 'overrule-waits'. `hash_key` is the key of the hashes of relations.
    """
    application, call = await read_case(context, application_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    if application.state in (ApplicationState.ELIGIBLE, ApplicationState.INELIGIBLE):
        return application
    if application.state != ApplicationState.SUBMITTED:
        raise Conflict("wrong-state", "The application is {state}.", state=application.state)
    overrules = (await overrules_of(context, [application.id])).get(application.id, [])
    check_none_waits(overrules)
    policy = context.policies.get(call.policy_id)
    await lock_limits(context, [application], policy)
    screened = screen(context, application, policy, overrules, await earlier_for(context, application, policy, hash_key))
    await take_part(context, Duty.SCREEN, application.id, call_id=call.id)
    await lock_call(context, call.id)
    record_screening(context, screened, call, hash_key)
    await complete_screening(context, call)
    return application
