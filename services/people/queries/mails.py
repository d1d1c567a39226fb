"""Mails that were written: to a person, and about a case. Their words are not kept, and nobody reads them here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Exists, and_, exists, func, or_, select
from sqlmodel import col

from services.people.domain.states import MailState
from services.people.queries.persons import own_person
from services.people.queries.views import CaseMailView, MailView
from services.people.tables import CaseRow, MailRow, PersonRow, ReminderRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.privacy.sealed import without
from shared.web.paging import Page, Paging, Sorting, page_of

_SENT_TO_ADDRESS = or_(
    col(PersonRow.email_since).is_(None), func.coalesce(col(MailRow.sent_at), col(MailRow.bounced_at)) > col(PersonRow.email_since)
)
_BOUNCED = and_(col(MailRow.recipient_id) == col(PersonRow.id), col(MailRow.state) == MailState.BOUNCED, _SENT_TO_ADDRESS)
"""A mail to the address that the person has now was refused for good, and the person has not said since that the address is right."""
MAILS = Sorting({"written_at": MailRow.written_at}, unique=MailRow.id, default="-written_at")


def refuses_mail() -> Exists:
    """Of a person, as a condition of a query: mail to the address comes back."""
    return exists().where(_BOUNCED)


MAIL_REFUSED_SINCE = select(func.min(col(MailRow.bounced_at))).where(_BOUNCED).correlate(PersonRow).scalar_subquery()
"""Of a person's row; null while nothing has come back from the address."""


async def mail_refused_since(context: Context, person: PersonRow) -> datetime | None:
    """None while nothing has come back from the address."""
    since: datetime | None = await context.session.scalar(select(MAIL_REFUSED_SINCE).where(col(PersonRow.id) == person.id))
    return since


async def own_mails(context: Context, paging: Paging) -> Page[MailView]:
    """To the person who asks. `Forbidden` 'no-person' or 'person-ended'."""
    person = await own_person(context)
    query = select(MailRow).where(col(MailRow.recipient_id) == person.id).options(*without(MailRow.secret))
    return await page_of(context.session, query, paging, lambda row: MailView.model_validate(row, from_attributes=True))


async def mails_of_case(context: Context, case_id: UUID, paging: Paging) -> Page[CaseMailView]:
    """Also digests that remind of the case. `NotFound` 'unknown-case'; `Forbidden` 'foreign-region'."""
    case = await context.session.get(CaseRow, case_id)
    if case is None:
        raise NotFound("unknown-case", "No application with this id was submitted.")
    authorise(context.actor, Permission.READ_HISTORY, region=case.region)
    digests = select(col(ReminderRow.mail_id)).where(col(ReminderRow.case_id) == case_id)
    query = select(MailRow).where(or_(col(MailRow.case_id) == case_id, col(MailRow.id).in_(digests))).options(*without(MailRow.secret))
    return await page_of(context.session, query, paging, lambda row: CaseMailView.model_validate(row, from_attributes=True))
