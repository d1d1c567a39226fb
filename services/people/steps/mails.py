"""Mails are written: each in the transaction of what it is about. A job sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import col

from services.people.domain.mails import LATE, Next, ReminderKind, Template, words_of
from services.people.domain.states import MailState
from services.people.domain.tasks import Waiting
from services.people.queries.organisations import mailed_members
from services.people.steps.events import publish_people_event
from services.people.tables import CaseRow, MailRow, PersonRow, ReminderRow
from shared.contracts.people import MailBounced
from shared.database.base import table_of
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.privacy.sealed import is_erased


def mail_invitation(context: Context, event_id: UUID, template: Template, row: Any, *, language: str, secret: str | None = None) -> None:
    """To the address of an invitation or a role invitation, whose `row` it is. The mail alone has the link's secret."""
    of_role = template is Template.ROLE_INVITATION
    mail = MailRow(
        id=new_id(), event_id=event_id, template=template, recipient_id=row.id, subject_id=row.id if of_role else row.organisation_id,
        language=language, region=row.region if of_role else None, secret=secret, written_at=context.now,
    )  # fmt: skip
    context.session.add(mail)


async def mail_members(context: Context, case: CaseRow, template: Template, facts: Mapping[str, Any]) -> None:
    """The consumed event, to all who act for the organisation of the case."""
    for person in await mailed_members(context, case.organisation_id):
        await mail_person(context, person, template, facts, region=case.region, case_id=case.application_id)


async def mail_members_of_act(context: Context, event_id: UUID, case: CaseRow, template: Template, facts: Mapping[str, Any]) -> None:
    """What was done at the agency by a request, to all who act for the organisation of the case. `event_id`: of the event about it."""
    for person in await mailed_members(context, case.organisation_id):
        mail = MailRow(
            id=new_id(), event_id=event_id, template=template, recipient_id=person.id, subject_id=person.id, language=person.language,
            case_id=case.application_id, region=case.region, facts=dict(facts), written_at=context.now,
        )  # fmt: skip
        context.session.add(mail)


async def mail_person(
    context: Context, person: PersonRow, template: Template, facts: Mapping[str, Any], *, region: str, case_id: UUID | None = None
) -> None:
    """The consumed event, to a person. A mail that is written already, about what is long past, or to a closed account, is not written."""
    if not is_late(context) and person.ended_at is None:
        values = {
            "id": new_id(), "event_id": context.event_id, "template": template, "recipient_id": person.id, "subject_id": person.id,
            "language": person.language, "case_id": case_id, "region": region, "facts": facts, "state": MailState.WAITING, "tries": 0,
            "written_at": context.now,
        }  # fmt: skip
        await context.session.execute(insert(table_of(MailRow)).values(values).on_conflict_do_nothing())


async def remind(context: Context, case: CaseRow, kind: ReminderKind, due_at: datetime) -> None:
    """For the next digest of all who act for the organisation of the case. What is over already is no reminder."""
    if is_late(context) or due_at <= context.now:
        return
    for person in await mailed_members(context, case.organisation_id):
        values = {
            "event_id": context.event_id, "person_id": person.id, "case_id": case.application_id, "kind": kind, "due_at": due_at,
            "written_at": context.now,
        }  # fmt: skip
        await context.session.execute(insert(table_of(ReminderRow)).values(values).on_conflict_do_nothing())


async def mail_digest(context: Context, person: PersonRow, region: str, waiting: Sequence[Waiting]) -> UUID:
    """The mail's id. It is of no event: its reminders are. `waiting`: what it counts."""
    mail_id = new_id()
    mail = MailRow(
        id=mail_id, event_id=mail_id, template=Template.DIGEST, recipient_id=person.id, subject_id=person.id, language=person.language,
        region=region, facts={"tasks": [asdict(one) for one in waiting]} if waiting else {}, written_at=context.now,
    )  # fmt: skip
    context.session.add(mail)
    await context.session.flush()
    return mail_id


def is_late(context: Context) -> bool:
    return context.happened_at + LATE < context.now


def end_mail(context: Context, row: MailRow, state: MailState, reason: str | None = None) -> None:
    """The secret goes with the mail's end. An erased one reads as None, and is written all the same."""
    row.state, row.reason, row.secret, row.next_try_at = state, reason, None, None
    if state is MailState.SENT:
        row.sent_at = row.sent_at or context.now
    if state is MailState.BOUNCED:
        row.bounced_at = context.now
    flag_modified(row, "secret")


async def end_undelivered(context: Context, row: MailRow, following: Next, words: str) -> None:
    """What a mail server said of a mail that did not arrive, or is delayed. Locked by `lock_mail`. That an address refuses mail is an event
    of the person, who gets no reminders then."""
    end_mail(context, row, following.state, following.reason)
    row.answer = None if is_erased(row) else words_of(words) or None
    person = await context.session.get(PersonRow, row.recipient_id)
    if row.state == MailState.BOUNCED and person is not None and person.ended_at is None:
        publish_people_event(context, MailBounced(person_id=person.id, mail_id=row.id), following.reason or "")


async def lock_mail(context: Context, mail_id: UUID) -> MailRow | None:
    """The person who gets it first, as a closing locks; None for a mail that is none."""
    recipient = await context.session.scalar(select(col(MailRow.recipient_id)).where(col(MailRow.id) == mail_id))
    if recipient is not None:
        await context.session.get(PersonRow, recipient, with_for_update=True)
    query = select(MailRow).where(col(MailRow.id) == mail_id)
    row: MailRow | None = await context.session.scalar(query.with_for_update(of=MailRow))
    return row
