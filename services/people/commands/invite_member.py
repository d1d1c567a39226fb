"""An owner invites somebody by e-mail."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.mails import Template
from services.people.domain.memberships import INVITATION_DAYS, check_invitation
from services.people.domain.secrets import hash_of
from services.people.domain.states import InvitationState
from services.people.queries.persons import actor_person
from services.people.steps.events import publish_people_event
from services.people.steps.mails import mail_invitation
from services.people.steps.memberships import lock_as_owner
from services.people.steps.secrets import new_secret
from services.people.tables import InvitationRow
from shared.contracts.people import MemberInvited
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context


async def invite_member(context: Context, organisation_id: UUID, email: str, role: MemberRole, language: str) -> tuple[InvitationRow, str]:
    """The invitation, and the secret of its link, which goes into the mail and nowhere else.

    `Forbidden` 'not-a-member' or 'not-an-owner', `Conflict` 'already-invited' or 'too-many-invitations'.
    """
    await lock_as_owner(context, organisation_id)
    check_invitation(email, await _invited(context, organisation_id))
    secret = new_secret()
    row = InvitationRow(
        id=new_id(), organisation_id=organisation_id, email=email, role=role, language=language, secret_hash=hash_of(secret),
        invited_by=actor_person(context), invited_at=context.now, expires_at=context.now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    context.session.add(row)
    await context.session.flush()
    invited = MemberInvited(organisation_id=organisation_id, invitation_id=row.id, role=role)
    event_id = publish_people_event(context, invited, "invited-by-owner")
    mail_invitation(context, event_id, Template.INVITATION, row, language=language, secret=secret)
    return row, secret


async def _invited(context: Context, organisation_id: UUID) -> list[str]:
    """The addresses of open invitations."""
    query = select(InvitationRow).where(
        col(InvitationRow.organisation_id) == organisation_id,
        col(InvitationRow.state) == InvitationState.OPEN,
        col(InvitationRow.expires_at) > context.now,
    )
    return [row.email for row in await context.session.scalars(query) if row.email]
