"""An officer returns an application for correction; after the call has closed, money, identity and project by two officers."""

from uuid import UUID

from services.applications.locks import lock_case
from services.applications.steps.returns import Corrections, return_case
from services.applications.tables import ApplicationRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def return_application(context: Context, application_id: UUID, asked: Corrections) -> ApplicationRow:
    """Until `repair_by`, a deadline of the policy, the applicant may change the answers in `asked.fields`.

    Where a second officer is needed, the first request is a proposal and the application stays submitted; the same request of another
    officer returns it, never of a machine. A request for other answers is a new proposal.

    Words and note are not in the event: they are free text and could hold a name. Those of the officer who returns it count.
    `Conflict` 'wrong-state' or 'returned-too-often', `Refused` 'words-elsewhere', 'unknown-field' or 'not-repairable'.
    """
    application, call = await lock_case(context, application_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    await return_case(context, application, call, asked)
    return application
