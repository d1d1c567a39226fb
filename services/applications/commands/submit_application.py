"""An applicant submits an application."""

from uuid import UUID

from services.applications.domain.form import stored_form
from services.applications.locks import read_case
from services.applications.steps.submission import Submission, submit
from services.applications.tables import ApplicationRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.context import Context

_SUBMITTED = (ApplicationState.SUBMITTED, ApplicationState.ELIGIBLE, ApplicationState.INELIGIBLE)


async def submit_application(context: Context, application_id: UUID) -> ApplicationRow:
    """Submits a draft, or a returned application again: receipt and sequence stay, `revision` counts. A submitted application is not
    changed.

    `Refused` with the first reason; 'incomplete' has the paths of all answers that are missing.
    """
    application, call = await read_case(context, application_id, and_organisation=True)
    authorise(context.actor, Permission.WRITE_APPLICATION, region=application.region, owner=owned_by(application.organisation_id))
    if application.state not in _SUBMITTED:
        await submit(context, Submission(application, call, context.policies.get(call.policy_id), stored_form(application.form)))
    return application
