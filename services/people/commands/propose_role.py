"""An administrator gives a person a role in a region, or proposes it to a second administrator."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.roles import check_proposal, first_state
from services.people.domain.states import GrantState
from services.people.locks import lock_person
from services.people.steps.events import publish_role
from services.people.tables import RoleGrantRow
from shared.contracts.people import RoleGranted, RoleProposed
from shared.identity.actor import Role
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Proposal:
    """A role from `valid_from` on, until `valid_until` where that is known."""

    person_id: UUID
    role: Role
    region: str
    valid_from: datetime
    valid_until: datetime | None = None


async def propose_role(context: Context, proposal: Proposal, reason: str) -> RoleGrantRow:
    """A role of officers, finance and administrators waits for a second administrator; another one holds at once.

    `Refused` 'role-by-membership' or 'role-period', `Forbidden` 'own-role', `Conflict` 'role-known'.
    """
    authorise(context.actor, Permission.MANAGE_ROLES, region=proposal.region)
    check_proposal(
        proposal.role, by=context.actor.id, to=str(proposal.person_id), valid_from=proposal.valid_from, valid_until=proposal.valid_until
    )
    await lock_person(context, proposal.person_id)
    if await _is_known(context, proposal):
        raise Conflict("role-known", "The person has this role in the region already, or it waits for a second administrator.")
    row = RoleGrantRow(
        id=new_id(), person_id=proposal.person_id, role=proposal.role, region=proposal.region, state=first_state(proposal.role),
        valid_from=proposal.valid_from, valid_until=proposal.valid_until, proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    await context.session.flush()
    publish_role(context, row, RoleGranted if row.state == GrantState.GRANTED else RoleProposed, reason)
    return row


async def _is_known(context: Context, proposal: Proposal) -> bool:
    query = select(col(RoleGrantRow.id)).where(
        col(RoleGrantRow.person_id) == proposal.person_id,
        col(RoleGrantRow.role) == proposal.role,
        col(RoleGrantRow.region) == proposal.region,
        col(RoleGrantRow.state).in_((GrantState.PROPOSED, GrantState.GRANTED)),
    )
    return await context.session.scalar(query) is not None
