"""All that this service holds about the person who asks."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Select, select
from sqlmodel import col

from services.people.queries.organisations import invitations_to
from services.people.queries.persons import own_person
from services.people.queries.views import (
    EventExportView,
    InvitationExportView,
    MachineExportView,
    MailExportView,
    MembershipExportView,
    PersonExportView,
    ProfileExportView,
    ReminderExportView,
    RoleExportView,
    SignInExportView,
)
from services.people.tables import (
    InvitationRow,
    MailRow,
    MembershipRow,
    OrganisationRow,
    PersonRow,
    ReminderRow,
    RoleGrantRow,
    SignInRow,
)
from shared.contracts.people import PERSONS
from shared.messaging.context import Context
from shared.messaging.tables import OutboxRow
from shared.privacy.sealed import without

View = TypeVar("View", bound=BaseModel)


async def export_person(context: Context) -> PersonExportView:
    """`Forbidden` 'no-person' or 'person-ended'."""
    person = await own_person(context)
    sent = select(InvitationRow).where(col(InvitationRow.invited_by) == person.id).order_by(col(InvitationRow.invited_at))
    registered = select(col(OrganisationRow.id)).where(col(OrganisationRow.registered_by) == person.id)
    machines = select(PersonRow).where(col(PersonRow.machine), col(PersonRow.registered_by) == str(person.id))
    mails = select(MailRow).where(col(MailRow.recipient_id) == person.id).options(*without(MailRow.secret))
    about = select(OutboxRow).where(col(OutboxRow.topic) == PERSONS, col(OutboxRow.key) == person.id)
    return PersonExportView(
        exported_at=context.now,
        profile=ProfileExportView.model_validate(person, from_attributes=True),
        sign_ins=await _all(context, SignInExportView, _own(SignInRow, person).order_by(col(SignInRow.signed_in_at))),
        memberships=await _memberships(context, person.id),
        registered_organisations=list(await context.session.scalars(registered.order_by(col(OrganisationRow.registered_at)))),
        roles=await _all(context, RoleExportView, _own(RoleGrantRow, person).order_by(col(RoleGrantRow.proposed_at))),
        invitations_sent=_invitations(await _rows(context, sent), shown=False),
        invitations_received=_invitations(await _rows(context, invitations_to(person)), shown=True),
        machines=await _all(context, MachineExportView, machines.order_by(col(PersonRow.registered_at))),
        mails=await _all(context, MailExportView, mails.order_by(col(MailRow.written_at))),
        reminders=await _all(context, ReminderExportView, _own(ReminderRow, person).order_by(col(ReminderRow.written_at))),
        events=await _all(context, EventExportView, about.order_by(col(OutboxRow.position))),
    )


def _own(row: Any, person: PersonRow) -> Select[Any]:
    return select(row).where(col(row.person_id) == person.id)


async def _rows(context: Context, query: Select[Any]) -> Sequence[Any]:
    return (await context.session.scalars(query)).all()


async def _all(context: Context, view: type[View], query: Select[Any]) -> list[View]:
    return [view.model_validate(row, from_attributes=True) for row in await _rows(context, query)]


def _invitations(rows: Iterable[InvitationRow], *, shown: bool) -> list[InvitationExportView]:
    found = [InvitationExportView.model_validate(row, from_attributes=True) for row in rows]
    return found if shown else [one.model_copy(update={"email": None}) for one in found]


async def _memberships(context: Context, person_id: UUID) -> list[MembershipExportView]:
    query = select(MembershipRow, OrganisationRow).join(OrganisationRow, col(OrganisationRow.id) == col(MembershipRow.organisation_id))
    found = await context.session.execute(query.where(col(MembershipRow.person_id) == person_id).order_by(col(MembershipRow.since)))
    return [
        MembershipExportView(**row.model_dump(exclude={"person_id"}), organisation=organisation.name) for row, organisation in found.all()
    ]
