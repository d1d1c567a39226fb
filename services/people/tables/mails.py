"""Mails, what they remind of and what they count, and the cases that they are about."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.people.domain.mails import ReminderKind, Template
from services.people.domain.states import MAIL_TRANSITIONS, MailState
from services.people.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.privacy.sealed import seal_columns, sealed


class CaseRow(Table, table=True):
    """An application, as far as mails need it; without `receipt` it was never submitted. `answer_by`: until when the offer waits;
    `claims_until`: the end of the claim window. `ended_at`: of a case that was refused, or whose voucher was closed."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_call", "call_id"),
        Index("ix_cases_organisation", "organisation_id"),
        fixed("application_id call_id region organisation_id policy_id"),
    )

    application_id: UUID = Field(primary_key=True)
    call_id: UUID
    region: str
    organisation_id: UUID
    policy_id: str
    receipt: str | None = None
    withdrawn_at: datetime | None = instant()
    answer_by: datetime | None = instant()
    claims_until: datetime | None = instant()
    ended_at: datetime | None = instant()


class CallRow(Table, table=True):
    """A call, for reminders of its close, and its title by language (empty: CallPublished came without one)."""

    __tablename__ = "calls"
    __table_args__ = (fixed("id region title"),)

    id: UUID = Field(primary_key=True)
    region: str
    title: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))
    closes_at: datetime = Field(sa_type=INSTANT)


class MailRow(Table, table=True):
    """One mail to one person. The unique constraint stops a second one for an event that comes again.

    `recipient_id`: a person, or an invitation or role invitation, whose row has the address; it is read when the mail is sent. `facts`
    are those of the event; a digest is of no event, and has its own id there. `secret`, of an invitation's link, is encrypted with the
    key of `subject_id` and removed when the mail ends. `written_at` and `sent_at` are programme time, `first_try_at` and `next_try_at`
    (None: at once) real time. `reason`: why it was not delivered, or is delayed, a code; `answer`: what the recipient's server said,
    without addresses, encrypted with the key of `subject_id`. `bounced_at`: when that was known, programme time.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("event_id", "recipient_id", "template", name="one_mail_per_event"),
        Index("ix_mails_waiting", "written_at", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_mails_recipient", "recipient_id", "written_at", "id"),
        Index("ix_mails_case", "case_id"),
        CheckConstraint(one_of("state", MailState), name="ck_mails_state"),
        CheckConstraint(one_of("template", Template), name="ck_mails_template"),
        CheckConstraint(
            "CASE state WHEN 'waiting' THEN sent_at IS NULL WHEN 'sent' THEN sent_at IS NOT NULL ELSE true END", name="ck_mails_sent"
        ),
        CheckConstraint(
            "CASE state WHEN 'waiting' THEN reason IS NULL WHEN 'sent' THEN true ELSE reason IS NOT NULL END", name="ck_mails_reason"
        ),
        CheckConstraint("(bounced_at IS NOT NULL) = (state = 'bounced')", name="ck_mails_bounced"),
        CheckConstraint("secret IS NULL OR state = 'waiting'", name="ck_mails_secret"),
        fixed("id event_id template recipient_id subject_id language case_id region facts written_at"),
    )

    id: UUID = Field(primary_key=True)
    event_id: UUID
    template: str
    recipient_id: UUID
    subject_id: UUID
    language: str
    case_id: UUID | None = None
    region: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    secret: str | None = sealed(nullable=True)
    state: str = MailState.WAITING
    reason: str | None = None
    answer: str | None = sealed(nullable=True)
    tries: int = 0
    written_at: datetime = Field(sa_type=INSTANT)
    first_try_at: datetime | None = instant()
    next_try_at: datetime | None = instant()
    sent_at: datetime | None = instant()
    bounced_at: datetime | None = instant()


class ReminderRow(Table, table=True):
    """What a person is reminded of in the next digest; `mail_id` is that digest. `due_at`: the end of the time limit."""

    __tablename__ = "reminders"
    __table_args__ = (
        Index("ix_reminders_waiting", "person_id", postgresql_where=text("mail_id IS NULL")),
        Index("ix_reminders_mail", "mail_id"),
        Index("ix_reminders_case", "case_id"),
        CheckConstraint(one_of("kind", ReminderKind), name="ck_reminders_kind"),
        written_once(but="mail_id"),
    )

    event_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(sa_column=Column(ForeignKey("persons.id"), primary_key=True))
    case_id: UUID = Field(sa_column=Column(ForeignKey("cases.application_id"), nullable=False))
    kind: str
    due_at: datetime = Field(sa_type=INSTANT)
    written_at: datetime = Field(sa_type=INSTANT)
    mail_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("mails.id"), nullable=True))


class TaskCountRow(Table, table=True):
    """What waited in a region when `service` counted last, at `counted_at` (programme time). `tasks`: of each kind how many, for whom.
    `mailed_at`: when digests were made of it."""

    __tablename__ = "task_counts"
    __table_args__ = (fixed("service region"),)

    service: str = Field(primary_key=True)
    region: str = Field(primary_key=True)
    counted_at: datetime = Field(sa_type=INSTANT)
    tasks: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB)
    mailed_at: datetime | None = instant()


guard_transitions(col(MailRow.state), MAIL_TRANSITIONS)
seal_columns(MailRow, subject="subject_id", was_plain=False)
