"""/cases/{application_id}/links, /link-corrections, /officer-desk: the links of an applicant, for the officers of its case"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.people.api.dependencies import DeskReader, LinkCorrector, LinkReader
from services.people.api.schemas import FoundLinkInput, WrongLinkInput
from services.people.commands.decide_link_correction import decide_link_correction
from services.people.commands.propose_link import propose_link
from services.people.commands.propose_link_end import propose_link_end
from services.people.domain.link_corrections import CorrectionState
from services.people.queries import officer_desk
from services.people.queries.officer_desk import OfficerDeskView
from services.people.queries.undertakings import CORRECTIONS, case_links, correction_view
from services.people.queries.undertakings import list_corrections as corrections_of
from services.people.queries.views import CaseLinksView, LinkCorrectionView
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.paging import Page, Paging

router = api_router("case-links")
CASE = "/cases/{application_id}"


@router.get("/officer-desk")
async def get_officer_desk(context: DeskReader, region: str | None = None) -> OfficerDeskView:
    """What waits for officers, in all regions of the caller or in `region`."""
    return await officer_desk.get_officer_desk(context, region)


@router.get("/link-corrections")
async def list_link_corrections(
    context: LinkReader,
    paging: Annotated[Paging, Depends(CORRECTIONS)],
    region: str | None = None,
    state: CorrectionState | None = None,
) -> Page[LinkCorrectionView]:
    return await corrections_of(context, paging, region, state)


@router.get(CASE + "/links")
async def get_case_links(context: LinkReader, application_id: UUID) -> CaseLinksView:
    return await case_links(context, application_id)


@router.post(CASE + "/links", status_code=201)
async def post_case_link(context: LinkCorrector, application_id: UUID, body: FoundLinkInput) -> LinkCorrectionView:
    """A link that the office found; a second officer confirms it."""
    return correction_view(await propose_link(context, application_id, body.link(), body.words), context)


@router.post(CASE + "/links/{link_id}/end", status_code=201)
async def post_case_link_end(context: LinkCorrector, application_id: UUID, link_id: UUID, body: WrongLinkInput) -> LinkCorrectionView:
    """The end of a wrong link; a second officer confirms it."""
    return correction_view(await propose_link_end(context, application_id, link_id, body.valid_until, body.words), context)


@router.post(CASE + "/link-corrections/{correction_id}/confirmation")
async def post_link_correction_confirmation(
    context: LinkCorrector, application_id: UUID, correction_id: UUID, hash_key: HashKey
) -> LinkCorrectionView:
    """By another officer than who proposed it."""
    row = await decide_link_correction(context, application_id, correction_id, confirmed=True, hash_key=hash_key)
    return correction_view(row, context)


@router.post(CASE + "/link-corrections/{correction_id}/refusal")
async def post_link_correction_refusal(
    context: LinkCorrector, application_id: UUID, correction_id: UUID, hash_key: HashKey
) -> LinkCorrectionView:
    row = await decide_link_correction(context, application_id, correction_id, confirmed=False, hash_key=hash_key)
    return correction_view(row, context)
