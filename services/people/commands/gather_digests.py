"""Reminders, and what waits for a person at the agency, become one mail a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col

from services.people.domain.mails import Template, digest_is_due
from services.people.domain.states import MailState
from services.people.domain.tasks import Waiting, task_mail_is_due
from services.people.queries.mails import refuses_mail
from services.people.queries.tasks import uncollected_since, waiting_by_person
from services.people.steps.mails import mail_digest
from services.people.tables import CaseRow, MailRow, PersonRow, ReminderRow, TaskCountRow
from shared.database.locks import lock_names
from shared.messaging.context import Context


async def gather_digests(context: Context) -> None:
    """For each open account with reminders of what is not over, unless a digest was sent within a day or is on its way still, or mail to
    the address comes back; and, once the services have counted, for each person of the agency for whom something waits. One worker at
    a time."""
    await lock_names(context.session, ["digests"])
    tasks: dict[UUID, list[Waiting]] = {}
    if await uncollected_since(context) is not None:
        tasks = await waiting_by_person(context)
        collected = update(TaskCountRow).where(col(TaskCountRow.mailed_at).is_(None))
        await context.session.execute(collected.values(mailed_at=context.now))
    reminders = {person_id: (oldest, region) for person_id, oldest, region in await _reminders(context)}
    for person_id in sorted({*tasks, *reminders}):
        last_sent_at, unfinished = await _earlier(context, person_id)
        oldest, region = reminders.get(person_id, (None, None))
        waiting = tasks.get(person_id, []) if task_mail_is_due(last_sent_at, context.now, unfinished=unfinished) else []
        if waiting or (oldest is not None and digest_is_due(oldest, last_sent_at, context.now, unfinished=unfinished)):
            person = await context.session.get_one(PersonRow, person_id)
            mail_id = await mail_digest(context, person, region or waiting[0].region, waiting)
            await context.session.execute(update(ReminderRow).where(*_waits(context, person_id)).values(mail_id=mail_id))


def _waits(context: Context, person_id: UUID | None = None) -> tuple[Any, ...]:
    """Reminders that are in no digest yet."""
    of_person = () if person_id is None else (col(ReminderRow.person_id) == person_id,)
    return col(ReminderRow.mail_id).is_(None), col(ReminderRow.due_at) > context.now, *of_person


async def _reminders(context: Context) -> Sequence[Any]:
    """Of each person: since when the oldest waits, and a region."""
    waiting = (
        select(col(ReminderRow.person_id), func.min(col(ReminderRow.written_at)), func.min(col(CaseRow.region)))
        .join(CaseRow, col(CaseRow.application_id) == col(ReminderRow.case_id))
        .join(PersonRow, col(PersonRow.id) == col(ReminderRow.person_id))
        .where(*_waits(context), col(PersonRow.ended_at).is_(None), ~refuses_mail())
        .group_by(col(ReminderRow.person_id))
    )
    return (await context.session.execute(waiting)).all()


async def _earlier(context: Context, person_id: UUID) -> tuple[datetime | None, bool]:
    """When the last digest was sent, and whether one is on its way."""
    query = select(func.max(col(MailRow.sent_at)), func.bool_or(col(MailRow.state) == MailState.WAITING)).where(
        col(MailRow.recipient_id) == person_id, col(MailRow.template) == Template.DIGEST
    )
    last_sent_at, unfinished = (await context.session.execute(query)).one()
    return last_sent_at, bool(unfinished)
