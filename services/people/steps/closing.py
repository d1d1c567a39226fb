"""An account is closed: nobody signs in with it any more, and it has no role, no membership, no machine and no mail that waits."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.people.domain.states import GrantState, InvitationState, MailState
from services.people.locks import lock_organisation, lock_person
from services.people.queries.organisations import invitations_to
from services.people.queries.sign_ins import lasting_sign_ins
from services.people.steps.events import publish_people_event
from services.people.steps.mails import end_mail
from services.people.steps.memberships import leave, withdraw
from services.people.steps.revocations import void_sign_ins
from services.people.steps.roles import end_grant, lock_administrators, withdraw_role_invitations
from services.people.tables import InvitationRow, MailRow, MembershipRow, PersonRow, RoleGrantRow
from shared.contracts.people import PersonEnded, PersonErased
from shared.database.locks import lock_names
from shared.identity.actor import Role
from shared.messaging.context import Context
from shared.privacy.keys import destroy_key

CLOSED = "account-closed"


async def lock_for_closing(context: Context, person_id: UUID) -> PersonRow:
    """The person, the administrators of the regions where the person is one, and all organisations that the closing concerns, in this
    order; a sign-in of the person waits. `NotFound` 'unknown-person'."""
    key = await context.session.scalar(select(col(PersonRow.sign_in_key)).where(col(PersonRow.id) == person_id))
    if key is not None:
        await lock_names(context.session, [f"person {key}"])
    person = await lock_person(context, person_id)
    regions = {grant.region for grant in await _given_roles(context, person_id) if grant.role == Role.ADMINISTRATOR}
    for region in sorted(regions):
        await lock_administrators(context, region)
    memberships = {row.organisation_id for row in await _open_memberships(context, person_id)}
    invited = {row.organisation_id for row in await _invitations_to(context, person)}
    for organisation in sorted(memberships | invited):
        await lock_organisation(context, organisation)
    return person


async def close_account(context: Context, person: PersonRow, reason: str, real_now: float) -> None:
    """Locked by `lock_for_closing`. The machines of the person end with the account."""
    for membership in await _open_memberships(context, person.id):
        await leave(context, membership, CLOSED)
    for invitation in await _invitations_to(context, person):
        if invitation.state == InvitationState.OPEN:
            withdraw(context, invitation, CLOSED)
    await withdraw_role_invitations(context, person, CLOSED)
    await _end(context, person, reason, real_now)
    machines = select(col(PersonRow.id)).where(
        col(PersonRow.machine), col(PersonRow.registered_by) == str(person.id), col(PersonRow.ended_at).is_(None)
    )
    for machine_id in list(await context.session.scalars(machines.order_by(col(PersonRow.id)))):
        await _end(context, await lock_person(context, machine_id), CLOSED, real_now)


async def forget_address(context: Context, person: PersonRow, *, stays_shut: bool) -> None:
    """Of a closed account: nobody finds it by the address, and invitations to it have it no more. A sign-in with the same name at the
    provider is of a new person, unless the account stays shut. By statements: an invitation may be of an organisation that was erased."""
    ids = [row.id for row in await _invitations_to(context, person)]
    await context.session.flush()
    await context.session.execute(update(InvitationRow).where(col(InvitationRow.id).in_(ids)).values(email=None, email_key=None))
    person.email_key = None
    if not stays_shut:
        person.sign_in_key = None


async def erase_person(context: Context, person: PersonRow, reason: str) -> None:
    """Name, address and name at the provider are gone with the key, in each backup as well: the worker lists it outside the database."""
    person.erasing = False
    await context.session.flush()
    await destroy_key(context.session, person.id, context.now)
    publish_people_event(context, PersonErased(person_id=person.id), reason)


async def _end(context: Context, person: PersonRow, reason: str, real_now: float) -> None:
    for grant in await _given_roles(context, person.id):
        await end_grant(context, grant, CLOSED, real_now)
    for row in await lasting_sign_ins(context, person.id, real_now):
        row.ended_at = datetime.fromtimestamp(real_now, UTC)
    waiting = select(MailRow).where(col(MailRow.recipient_id) == person.id, col(MailRow.state) == MailState.WAITING)
    for mail in await context.session.scalars(waiting.order_by(col(MailRow.id)).with_for_update(of=MailRow)):
        end_mail(context, mail, MailState.FAILED, "no-recipient")
    person.ended_at = context.now
    await void_sign_ins(context, person.id, real_now)
    publish_people_event(context, PersonEnded(person_id=person.id), reason)


async def _given_roles(context: Context, person_id: UUID) -> list[RoleGrantRow]:
    query = select(RoleGrantRow).where(col(RoleGrantRow.person_id) == person_id, col(RoleGrantRow.state) == GrantState.GRANTED)
    return list(await context.session.scalars(query.order_by(col(RoleGrantRow.id)).execution_options(populate_existing=True)))


async def _open_memberships(context: Context, person_id: UUID) -> list[MembershipRow]:
    query = select(MembershipRow).where(col(MembershipRow.person_id) == person_id, col(MembershipRow.ended_at).is_(None))
    return list(await context.session.scalars(query.order_by(col(MembershipRow.id)).execution_options(populate_existing=True)))


async def _invitations_to(context: Context, person: PersonRow) -> list[InvitationRow]:
    return list(await context.session.scalars(invitations_to(person).execution_options(populate_existing=True)))
