"""An officer who reads a case proposes a link of the applicant that nobody declared."""

from uuid import UUID

from services.people.domain.undertakings import Link, check_link
from services.people.queries.undertakings import own_number
from services.people.steps.link_corrections import add_correction, case_for_correction, correction_known, open_corrections, open_links
from services.people.tables import LinkCorrectionRow
from shared.messaging.context import Context


async def propose_link(context: Context, application_id: UUID, link: Link, words: str) -> LinkCorrectionRow:
    """`NotFound` 'unknown-case'; `Forbidden` 'own-organisation'; `Conflict` 'correction-known'; raises as `check_link`."""
    case, organisation = await case_for_correction(context, application_id)
    check_link(link, own_number(organisation), await open_links(context, organisation.id), context.policies.latest_day(context.now))
    proposed = {(one.kind, one.country, one.tax_number) for one in await open_corrections(context, organisation.id)}
    if (link.kind, link.country, link.tax_number) in proposed:
        raise correction_known("tax_number")
    named = {"kind": link.kind, "country": link.country, "tax_number": link.tax_number, "name": link.name, "valid_from": link.valid_from}
    return add_correction(context, case, words, named)
