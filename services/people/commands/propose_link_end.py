"""An officer who reads a case proposes that a link of the applicant is wrong, or has ended."""

from datetime import date
from uuid import UUID

from services.people.domain.undertakings import check_end
from services.people.steps.link_corrections import add_correction, case_for_correction, correction_known, known_link, open_corrections
from services.people.tables import LinkCorrectionRow
from shared.messaging.context import Context


async def propose_link_end(context: Context, application_id: UUID, link_id: UUID, valid_until: date, words: str) -> LinkCorrectionRow:
    """`valid_until`: the first day on which it does not hold. `NotFound` 'unknown-case' or 'unknown-link'; `Forbidden` 'own-organisation';
    `Conflict` 'correction-known'; raises as `check_end`."""
    case, organisation = await case_for_correction(context, application_id)
    link = await known_link(context, organisation.id, link_id)
    check_end(link.valid_from, link.valid_until, valid_until, context.policies.latest_day(context.now))
    if link_id in {one.link_id for one in await open_corrections(context, organisation.id)}:
        raise correction_known("valid_until")
    return add_correction(context, case, words, {"link_id": link_id, "valid_until": valid_until})
