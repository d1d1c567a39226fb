"""ApplicationSubmitted: the case is known from now on, and its applicants get a receipt."""

from sqlalchemy.dialects.postgresql import insert

from services.people.domain.mails import Template
from services.people.queries.cases import reported_case
from services.people.steps.mails import mail_members
from services.people.tables import CaseRow
from shared.contracts.applications import ApplicationSubmitted
from shared.database.base import table_of
from shared.messaging.context import Context

FACTS = {"revision", "submitted_at", "requested_minor", "currency", "carried_from"}
CASE = {"application_id", "call_id", "region", "organisation_id", "policy_id", "receipt"}


async def record_submission(context: Context, event: ApplicationSubmitted) -> None:
    """`Contradiction` when a later version is of another call, region or organisation than the first."""
    await context.session.execute(insert(table_of(CaseRow)).values(event.model_dump(include=CASE)).on_conflict_do_nothing())
    case = await reported_case(context, event)
    case.receipt = event.receipt
    await mail_members(context, case, Template.RECEIPT, event.model_dump(mode="json", include=FACTS) | _moment(context, event))


def _moment(context: Context, event: ApplicationSubmitted) -> dict[str, str]:
    """Of this version: the event's `submitted_at` is that by which the application holds its place."""
    return {} if event.revision == 1 else {"submitted_at": context.happened_at.isoformat()}
