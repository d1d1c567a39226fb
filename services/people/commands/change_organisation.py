"""An owner changes the organisation's profile."""

from dataclasses import asdict
from uuid import UUID

from services.people.domain.organisations import Profile, changed_fields, check_version, check_year
from services.people.steps.events import publish_people_event
from services.people.steps.memberships import lock_as_owner
from services.people.tables import OrganisationRow
from shared.contracts.people import OrganisationChanged
from shared.messaging.context import Context


async def change_organisation(context: Context, organisation_id: UUID, profile: Profile, version: int) -> OrganisationRow:
    """`version` as it was read. Files that were submitted keep what they said.

    `Forbidden` 'not-a-member' or 'not-an-owner', `Conflict` 'changed-meanwhile' or 'tax-number-fixed', `Refused` 'accounts-to-come'.
    """
    row = await lock_as_owner(context, organisation_id)
    check_version(row.version, version)
    check_year(profile.size["year"], context.now)
    fields = changed_fields(row, profile)
    if fields:
        given = asdict(profile)
        for name in fields:
            setattr(row, name, given[name])
        row.version, row.changed_at = row.version + 1, context.now
        codes = [name.replace("_", "-") for name in fields]
        changed = OrganisationChanged(organisation_id=row.id, fields=codes, version=row.version)
        publish_people_event(context, changed, "changed-by-owner")
    return row
