"""/scheme-files: policies and forms that are added while the platform runs, proposed by one officer and published by another."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.applications.api.dependencies import CallManager
from services.applications.api.schemas import SchemeFileInput, WordsInput
from services.applications.commands.propose_scheme_file import propose_scheme_file
from services.applications.commands.publish_scheme_file import publish_scheme_file
from services.applications.commands.refuse_scheme_file import refuse_scheme_file
from services.applications.domain.states import SchemeFileState
from services.applications.queries.scheme_files import (
    PROPOSALS,
    SchemeFileCheckView,
    SchemeFileItemView,
    SchemeFileView,
    check_of,
    proposal_page,
    proposal_view,
    view_of,
)
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("policies and forms")


@router.post("/scheme-files/check")
async def post_scheme_file_check(context: CallManager, body: SchemeFileInput) -> SchemeFileCheckView:
    """What is wrong with the file, and what it would change. Nothing is kept."""
    return check_of(context, body.kind, body.text)


@router.post("/scheme-files", status_code=201)
async def post_scheme_file(context: CallManager, body: SchemeFileInput) -> SchemeFileView:
    """Proposes the file, which is without faults, to another officer."""
    return view_of(context, await propose_scheme_file(context, body.kind, body.text))


@router.get("/scheme-files")
async def list_scheme_files(
    context: CallManager, paging: Annotated[Paging, Depends(PROPOSALS)], region: str | None = None, state: SchemeFileState | None = None
) -> Page[SchemeFileItemView]:
    return await proposal_page(context, paging, region, state)


@router.get("/scheme-files/{proposal_id}")
async def get_scheme_file(context: CallManager, proposal_id: UUID) -> SchemeFileView:
    """With what would change by it."""
    return await proposal_view(context, proposal_id)


@router.post("/scheme-files/{proposal_id}/publication")
async def post_scheme_file_publication(context: CallManager, proposal_id: UUID) -> SchemeFileView:
    """By an officer who has not proposed it. It holds from its first day for what begins then; calls and cases keep their rules."""
    return view_of(context, await publish_scheme_file(context, proposal_id))


@router.post("/scheme-files/{proposal_id}/refusal")
async def post_scheme_file_refusal(context: CallManager, proposal_id: UUID, body: WordsInput) -> SchemeFileView:
    """By any officer of the region, also by who proposed it: it is not published."""
    return view_of(context, await refuse_scheme_file(context, proposal_id, body.words))
