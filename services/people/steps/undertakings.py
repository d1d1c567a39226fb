"""Publishes what is recorded of a link: the tax numbers as keyed hashes, by which the ledger of aid finds both firms."""

from uuid import UUID

from services.people.steps.events import publish_people_event
from services.people.tables import OrganisationRow, UndertakingLinkRow
from shared.classifications.identity_keys import relation_hash
from shared.contracts.people import UndertakingLinkRecorded
from shared.kernel.vocabulary import RelationKind
from shared.messaging.context import Context


def publish_link(context: Context, organisation: OrganisationRow, link: UndertakingLinkRow, hash_key: bytes, reason: str) -> UUID:
    """The id of the event."""
    own, other = (relation_hash(hash_key, RelationKind.TAX_NUMBER, number or "") for number in (organisation.tax_number, link.tax_number))
    assert own, "an organisation is registered with its tax number"
    assert other, "a link names a tax number"
    recorded = UndertakingLinkRecorded(
        organisation_id=organisation.id, link_id=link.id, version=link.version, kind=link.kind, own_number=own, other_number=other,
        valid_from=link.valid_from, valid_until=link.valid_until,
    )  # fmt: skip
    return publish_people_event(context, recorded, reason)
