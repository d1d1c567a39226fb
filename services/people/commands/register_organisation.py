"""A person registers the organisation for which they act, and is its first owner."""

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.memberships import check_room
from services.people.domain.organisations import Profile, check_year
from services.people.locks import lock_open_person, lock_organisation
from services.people.queries.organisations import members_of, memberships_of
from services.people.queries.persons import own_person
from services.people.steps.events import publish_people_event
from services.people.steps.memberships import join
from services.people.tables import OrganisationRow
from shared.contracts.people import OrganisationRegistered
from shared.database.locks import lock_names
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context
from shared.privacy.sealed import digest_of


async def register_organisation(context: Context, profile: Profile) -> OrganisationRow:
    """`Conflict` 'organisation-known' where it is registered: its owner invites. `Conflict` 'too-many-organisations'; `Refused`
    'accounts-to-come'."""
    check_year(profile.size["year"], context.now)
    person = await own_person(context)
    await lock_open_person(context, person.id)
    check_room(len(await memberships_of(context, person.id)))
    key = digest_of(context.session, "tax_key", f"{profile.country} {profile.tax_number}")
    await lock_names(context.session, [f"organisation {key}"])
    await _take_number(context, key)
    row = OrganisationRow(
        id=new_id(), country=profile.country, tax_number=profile.tax_number, name=profile.name, seat=profile.seat, size=profile.size,
        nuts=profile.nuts, activity_code=profile.activity_code, registered_by=person.id, registered_at=context.now, changed_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    await context.session.flush()
    registered = OrganisationRegistered(organisation_id=row.id, country=row.country, person_id=person.id)
    publish_people_event(context, registered, "registered-by-member")
    await join(context, row.id, person.id, MemberRole.OWNER, invitation_id=None)
    return row


async def _take_number(context: Context, key: str) -> None:
    """Where all who acted for the organisation have closed their accounts, nobody is left to invite: the number is free for a new
    registration, which has nothing of the old one."""
    known: OrganisationRow | None = await context.session.scalar(select(OrganisationRow).where(col(OrganisationRow.tax_key) == key))
    if known is None:
        return
    await lock_organisation(context, known.id)
    if await members_of(context, known.id):
        raise Conflict(
            "organisation-known",
            "This organisation is registered already. Ask its owner to invite you by e-mail; nobody joins without an invitation.",
            field="tax_number",
        )
    known.tax_key = f"left {known.id}"
    await context.session.flush()
