"""An owner declares that the organisation is one undertaking with another firm."""

from uuid import UUID

from services.people.domain.undertakings import Link, check_link
from services.people.queries.persons import actor_person
from services.people.queries.undertakings import own_number
from services.people.steps.link_corrections import open_links
from services.people.steps.memberships import lock_as_owner
from services.people.steps.undertakings import publish_link
from services.people.tables import UndertakingLinkRow
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def declare_link(context: Context, organisation_id: UUID, link: Link, *, hash_key: bytes) -> UndertakingLinkRow:
    """It counts from its day on, for each offer after this. `Forbidden` 'not-a-member' or 'not-an-owner'; raises as `check_link`."""
    organisation = await lock_as_owner(context, organisation_id)
    check_link(link, own_number(organisation), await open_links(context, organisation_id), context.policies.latest_day(context.now))
    row = UndertakingLinkRow(
        id=new_id(), organisation_id=organisation_id, kind=link.kind, country=link.country, tax_number=link.tax_number, name=link.name,
        valid_from=link.valid_from, declared_by=actor_person(context), declared_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    publish_link(context, organisation, row, hash_key, "declared-by-owner")
    await context.session.flush()
    return row
