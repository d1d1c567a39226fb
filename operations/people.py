"""What the operator does about persons: the first administrator of a region, proposals to its administrators, and an erasure that was asked
for by letter."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from operations.transactions import Begin
from services.people.commands.end_role_as_operator import end_role_as_operator
from services.people.commands.erase_person_as_operator import erase_person_as_operator
from services.people.commands.invite_to_role_as_operator import invite_to_role_as_operator
from services.people.commands.propose_role_as_operator import propose_role_as_operator
from services.people.domain.roles import check_region
from services.people.queries.closing import closure_view
from services.people.queries.directory import persons_with_address
from services.people.queries.roles import ROLE_GRANTS, open_role_invitations, role_page, role_views
from services.people.queries.views import ClosureView, RoleGrantView
from services.people.steps.role_invitations import Period
from services.people.steps.roles import Proposal
from shared.identity.actor import Role, grants
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context
from shared.web.paging import Page

if TYPE_CHECKING:
    from services.people.tables import RoleGrantRow, RoleInvitationRow

REASON = "by-the-operator"


@dataclass(frozen=True)
class Wanted:
    """A role in a region from the morning of `first` (else from now) to the evening of `last`, in the zone of the region."""

    role: Role
    region: str
    first: date | None = None
    last: date | None = None


async def list_roles(begin: Begin, region: str | None, cursor: str | None) -> "tuple[Page[RoleGrantView], list[RoleInvitationRow]]":
    """A page of roles, and with the first one what waits for somebody's first sign-in. `Refused` 'unknown-region' or 'bad-cursor'."""
    async with begin() as context:
        regions = {policy.region for policy in context.policies.all()}
        if region is not None:
            check_region(region, regions)
        reader = replace(context, actor=replace(context.actor, grants=grants({Role.AUDITOR}, regions)))
        page = await role_page(reader, await ROLE_GRANTS(cursor=cursor), region=region, state=None, person_id=None)
        return page, [] if cursor else await open_role_invitations(context, region)


async def grant(begin: Begin, person: str, wanted: Wanted) -> RoleGrantView:
    """`person`: an id, or a verified e-mail address. `NotFound` 'not-a-person' or 'not-signed-in-yet', `Conflict` 'several-persons', and as
    the command."""
    async with begin() as context:
        period = _period(context, wanted)
        person_id = await _person(context, person)
        proposal = Proposal(person_id, period.role, period.region, period.valid_from, period.valid_until)
        [view] = await role_views(context, [await propose_role_as_operator(context, proposal, REASON)])
        return view


async def invite(begin: Begin, email: str, wanted: Wanted) -> "RoleInvitationRow":
    """`Conflict` 'person-known' for an address with which somebody has signed in, and as the command."""
    async with begin() as context:
        if await persons_with_address(context, email):
            raise Conflict("person-known", "Somebody has signed in with this address: `triptych people grant` gives the role.")
        return await invite_to_role_as_operator(context, email, _period(context, wanted), REASON)


async def end(begin: Begin, identity: UUID) -> "RoleGrantRow | RoleInvitationRow":
    """As the command."""
    async with begin() as context:
        return await end_role_as_operator(context, identity, REASON, time.time())


async def erase(begin: Begin, person: str, reason: str) -> ClosureView:
    """`person` as for `grant`. As the command."""
    async with begin() as context:
        row = await erase_person_as_operator(context, await _person(context, person), reason, time.time())
        return await closure_view(context, row, [])


async def _person(context: Context, person: str) -> UUID:
    if "@" not in person:
        try:
            return UUID(person)
        except ValueError as error:
            raise NotFound("not-a-person", "This is neither an e-mail address nor the id of a person.") from error
    found = await persons_with_address(context, person)
    if not found:
        raise NotFound("not-signed-in-yet", "Nobody has signed in with this verified address: `triptych people invite` lets the role wait.")
    if len(found) > 1:
        ids = [str(one) for one in found]
        raise Conflict("several-persons", "Several persons have this address, name one by id: {persons}.", persons=ids)
    return found[0]


def _period(context: Context, wanted: Wanted) -> Period:
    policies = [policy for policy in context.policies.all() if policy.region == wanted.region]
    check_region(wanted.region, {policy.region for policy in policies})
    zone = ZoneInfo(policies[-1].zone)
    first = max(_midnight(wanted.first, zone), context.now) if wanted.first else context.now
    return Period(wanted.role, wanted.region, first, _midnight(wanted.last + timedelta(days=1), zone) if wanted.last else None)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
