"""Roles are proposed, given and ended."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.roles import check_holder, check_proposal, first_state_by_operator
from services.people.domain.states import GrantState, InvitationState
from services.people.locks import lock_open_person, lock_person
from services.people.queries.roles import administrators_in_force
from services.people.steps.events import publish_people_event, publish_role
from services.people.steps.revocations import void_tokens
from services.people.tables import PersonRow, RoleGrantRow, RoleInvitationRow
from shared.contracts.people import RoleEnded, RoleGranted, RoleInvitationWithdrawn, RoleInvited, RoleProposed
from shared.database.locks import lock_names
from shared.identity.actor import OPERATOR, Actor, Role
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.proven import proven_events
from shared.privacy.sealed import digest_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """A role from `valid_from` on, until `valid_until` where that is known."""

    person_id: UUID
    role: Role
    region: str
    valid_from: datetime
    valid_until: datetime | None = None


async def record_proposal(context: Context, proposal: Proposal, state: GrantState, reason: str) -> RoleGrantRow:
    """`Refused` 'role-by-membership', 'role-period' or 'no-machine-role', `Forbidden` 'own-role' or 'person-ended', `NotFound`
    'unknown-person', `Conflict` 'role-known'."""
    holder = await lock_open_person(context, proposal.person_id)
    check_proposal(
        proposal.role, by=context.actor.id, to=holder.registered_by, valid_from=proposal.valid_from, valid_until=proposal.valid_until
    )
    check_holder(proposal.role, machine=holder.machine)
    if await is_known(context, proposal):
        raise Conflict("role-known", "The person has this role in the region already, or it waits for a second administrator.")
    row = RoleGrantRow(
        id=new_id(), person_id=proposal.person_id, role=proposal.role, region=proposal.region, state=state,
        valid_from=proposal.valid_from, valid_until=proposal.valid_until, proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    await context.session.flush()
    publish_role(context, row, RoleGranted if row.state == GrantState.GRANTED else RoleProposed, reason)
    return row


async def is_known(context: Context, proposal: Proposal) -> bool:
    query = select(col(RoleGrantRow.id)).where(
        col(RoleGrantRow.person_id) == proposal.person_id,
        col(RoleGrantRow.role) == proposal.role,
        col(RoleGrantRow.region) == proposal.region,
        col(RoleGrantRow.state).in_((GrantState.PROPOSED, GrantState.GRANTED)),
    )
    return await context.session.scalar(query) is not None


async def propose_by_operator(context: Context, proposal: Proposal, reason: str) -> RoleGrantRow:
    """The actor of the context is the operator."""
    await lock_person(context, proposal.person_id)
    await lock_administrators(context, proposal.region)
    first = first_state_by_operator(proposal.role, has_administrator=bool(await administrators_in_force(context, proposal.region)))
    return await record_proposal(context, proposal, first, reason)


async def lock_administrators(context: Context, region: str) -> None:
    """Of two who would become the first administrator at the same moment, one is the first."""
    await lock_names(context.session, [f"administrators of {region}"])


async def take_up_invitations(context: Context, person: PersonRow) -> None:
    """The roles that wait for the person's verified address are proposed by the one who invited. A role that the person has is left. In the
    order of the regions, so that two persons do not wait for each other."""
    if person.email is None or not person.email_verified:
        return
    waiting = await _open_invitations(context, digest_of(context.session, "email_key", person.email))
    invited = {event.key: event for event in await proven_events(context.session, [row.id for row in waiting], RoleInvited)}
    for row in waiting:
        said = invited.get(row.id)
        if row.expires_at <= context.now or said is None or (row.email or "").casefold() != person.email.casefold():
            continue  # who invited for which role is believed by the event, and the address by what is sealed: a row can be written
        if (said.body["role"], said.body["region"]) != (row.role, row.region):
            continue
        settle_invitation(context, row, InvitationState.ACCEPTED)
        valid_from = max(row.valid_from, context.now)
        proposal = Proposal(person.id, Role(row.role), row.region, valid_from, row.valid_until)
        if (row.valid_until is None or valid_from < row.valid_until) and not await is_known(context, proposal):
            await _propose_for(replace(context, actor=Actor(said.actor, frozenset())), proposal, to=person)


async def _propose_for(context: Context, proposal: Proposal, *, to: PersonRow) -> None:
    """The actor is who invited. Nothing for who invited an address of their own: nobody proposes an own role, and the sign-in goes on."""
    if context.actor.id == OPERATOR.id:
        await propose_by_operator(context, proposal, "invited")
    elif context.actor.id != to.registered_by:
        await record_proposal(context, proposal, GrantState.PROPOSED, "invited")


async def withdraw_role_invitations(context: Context, person: PersonRow, reason: str) -> None:
    """Those that wait for the person's verified address."""
    if person.email_key is not None and person.email_verified:
        for row in await _open_invitations(context, person.email_key):
            withdraw_role_invitation(context, row, reason)


def withdraw_role_invitation(context: Context, row: RoleInvitationRow, reason: str) -> None:
    """One that is open."""
    settle_invitation(context, row, InvitationState.WITHDRAWN)
    publish_people_event(context, RoleInvitationWithdrawn(invitation_id=row.id, role=row.role, region=row.region), reason)


async def _open_invitations(context: Context, email_key: str) -> list[RoleInvitationRow]:
    """Locked, in the order of the regions."""
    query = (
        select(RoleInvitationRow).order_by(col(RoleInvitationRow.region), col(RoleInvitationRow.id)).with_for_update(of=RoleInvitationRow)
    )
    waiting = query.where(col(RoleInvitationRow.email_key) == email_key, col(RoleInvitationRow.state) == InvitationState.OPEN)
    return list(await context.session.scalars(waiting))


def settle_invitation(context: Context, row: RoleInvitationRow, state: InvitationState) -> None:
    """The address goes with its use."""
    row.state, row.ended_at, row.email, row.email_key = state, context.now, None, None


async def end_grant(context: Context, grant: RoleGrantRow, reason: str, real_now: float) -> None:
    """The person is locked. `Conflict` 'role-not-granted'."""
    if grant.state != GrantState.GRANTED:
        raise Conflict("role-not-granted", "The role is {state}: there is nothing to end.", state=grant.state)
    grant.state, grant.ended_by, grant.ended_at = GrantState.ENDED, context.actor.id, context.now
    await void_tokens(context, grant.person_id, real_now)
    publish_role(context, grant, RoleEnded, reason)
