"""Reminders become one mail a person."""

from sqlalchemy import func, select, update
from sqlmodel import col

from services.people.domain.mails import Template, digest_is_due
from services.people.domain.states import MailState
from services.people.queries.mails import refuses_mail
from services.people.steps.mails import mail_digest
from services.people.tables import CaseRow, MailRow, PersonRow, ReminderRow
from shared.database.locks import lock_names
from shared.messaging.context import Context


async def gather_digests(context: Context) -> None:
    """For each open account with reminders of what is not over, unless a digest was sent within a day or is on its way still, or mail to
    the address comes back. One worker at a time."""
    await lock_names(context.session, ["digests"])
    waits = (col(ReminderRow.mail_id).is_(None), col(ReminderRow.due_at) > context.now)
    waiting = (
        select(col(ReminderRow.person_id), func.min(col(ReminderRow.written_at)), func.min(col(CaseRow.region)))
        .join(CaseRow, col(CaseRow.application_id) == col(ReminderRow.case_id))
        .join(PersonRow, col(PersonRow.id) == col(ReminderRow.person_id))
        .where(*waits, col(PersonRow.ended_at).is_(None), ~refuses_mail())
        .group_by(col(ReminderRow.person_id))
        .order_by(col(ReminderRow.person_id))
    )
    for person_id, oldest, region in (await context.session.execute(waiting)).all():
        earlier = select(func.max(col(MailRow.sent_at)), func.bool_or(col(MailRow.state) == MailState.WAITING)).where(
            col(MailRow.recipient_id) == person_id, col(MailRow.template) == Template.DIGEST
        )
        last_sent_at, unfinished = (await context.session.execute(earlier)).one()
        if digest_is_due(oldest, last_sent_at, context.now, unfinished=bool(unfinished)):
            mail_id = await mail_digest(context, await context.session.get_one(PersonRow, person_id), region)
            mine = (col(ReminderRow.person_id) == person_id, *waits)
            await context.session.execute(update(ReminderRow).where(*mine).values(mail_id=mail_id))
