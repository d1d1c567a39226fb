"""An owner records that a link has ended: from that day on the two firms are no single undertaking by it."""

from datetime import date
from uuid import UUID

from services.people.domain.undertakings import check_end
from services.people.queries.persons import actor_person
from services.people.steps.memberships import lock_as_owner
from services.people.steps.undertakings import publish_link
from services.people.tables import UndertakingLinkRow
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context


async def end_link(context: Context, organisation_id: UUID, link_id: UUID, valid_until: date, *, hash_key: bytes) -> UndertakingLinkRow:
    """`valid_until`: the first day on which it does not hold. `NotFound` 'unknown-link'; `Conflict` 'link-of-office'; raises as
    `check_end`."""
    organisation = await lock_as_owner(context, organisation_id)
    row = await context.session.get(UndertakingLinkRow, link_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("unknown-link", "There is no such link.")
    if row.found_in is not None:
        raise Conflict("link-of-office", "The office of the region has recorded this link. Write to it if the link has ended.")
    check_end(row.valid_from, row.valid_until, valid_until, context.policies.latest_day(context.now))
    row.valid_until, row.ended_by, row.ended_at, row.version = valid_until, actor_person(context), context.now, row.version + 1
    publish_link(context, organisation, row, hash_key, "ended-by-owner")
    return row
