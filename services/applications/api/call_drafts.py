"""/call-drafts: a call is written by one officer, read and published by another."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.applications.api.dependencies import CallManager, Templates
from services.applications.api.schemas import CallDraftChangeInput, CallDraftInput, WordsInput
from services.applications.commands.change_call_draft import change_call_draft
from services.applications.commands.discard_call_draft import discard_call_draft
from services.applications.commands.draft_call import draft_call
from services.applications.commands.publish_call_draft import publish_call_draft
from services.applications.commands.return_call_draft import return_call_draft
from services.applications.commands.submit_call_draft import submit_call_draft
from services.applications.domain.states import DraftState
from services.applications.queries.call_drafts import (
    DRAFTS,
    CallDraftView,
    SchemeView,
    draft_of,
    draft_page,
    draft_view,
    preview_of,
    schemes,
    template_of,
)
from services.applications.queries.views import CallView, OpenCallDetail
from shared.web.auth import api_router
from shared.web.idempotency import IdempotencyKey, once
from shared.web.language import Language
from shared.web.paging import Page, Paging

router = api_router("drafts of calls")


@router.get("/schemes")
async def list_schemes(context: CallManager, templates: Templates, region: str | None = None) -> list[SchemeView]:
    """The schemes by which a call can be written, with the calls in the files of their regions."""
    return schemes(context, region, templates)


@router.post("/call-drafts", status_code=201)
async def post_call_draft(
    context: CallManager, body: CallDraftInput, key: IdempotencyKey, templates: Templates, language: Language
) -> CallDraftView:
    """An empty call of a scheme, or a copy of an earlier one, or of a file, with its dates on the same weekday a year later."""

    async def draft() -> UUID:
        template = body.template and template_of(templates, body.region, body.scheme, body.template)
        return (await draft_call(context, body.region, body.scheme, body.copy_of, template or None)).id

    return await draft_view(context, await draft_of(context, await once(context, key, "POST /call-drafts", body, draft)), language)


@router.get("/call-drafts")
async def list_call_drafts(
    context: CallManager,
    paging: Annotated[Paging, Depends(DRAFTS)],
    language: Language,
    region: str | None = None,
    state: DraftState | None = None,
) -> Page[CallDraftView]:
    return await draft_page(context, paging, region, state, language)


@router.get("/call-drafts/{draft_id}")
async def get_call_draft(context: CallManager, draft_id: UUID, language: Language) -> CallDraftView:
    """With all that keeps it from being published, by field."""
    return await draft_view(context, await draft_of(context, draft_id), language)


@router.put("/call-drafts/{draft_id}")
async def put_call_draft(context: CallManager, draft_id: UUID, body: CallDraftChangeInput, language: Language) -> CallDraftView:
    """Saves what is written so far. Something may be missing; what is given has to be well-formed."""
    return await draft_view(context, await change_call_draft(context, draft_id, body.version, body.content), language)


@router.get("/call-drafts/{draft_id}/preview")
async def get_call_draft_preview(context: CallManager, draft_id: UUID) -> OpenCallDetail:
    """The public page of the call, in all its languages. A draft with faults is refused with the first of them."""
    return await preview_of(context, draft_id)


@router.post("/call-drafts/{draft_id}/submission")
async def post_call_draft_submission(context: CallManager, draft_id: UUID, language: Language) -> CallDraftView:
    """To the officer who reads and publishes it."""
    return await draft_view(context, await submit_call_draft(context, draft_id), language)


@router.post("/call-drafts/{draft_id}/return")
async def post_call_draft_return(context: CallManager, draft_id: UUID, body: WordsInput, language: Language) -> CallDraftView:
    """Back to who wrote it, with what is to be changed."""
    return await draft_view(context, await return_call_draft(context, draft_id, body.words), language)


@router.post("/call-drafts/{draft_id}/discarding")
async def post_call_draft_discarding(context: CallManager, draft_id: UUID, language: Language) -> CallDraftView:
    return await draft_view(context, await discard_call_draft(context, draft_id), language)


@router.post("/call-drafts/{draft_id}/publication")
async def post_call_draft_publication(
    context: CallManager, draft_id: UUID, version: Annotated[int | None, Query(ge=1, description="Of the draft that was read")] = None
) -> CallView:
    """By an officer who has not written at it. From then on the call keeps its rules, its money and its id, which is that of the draft."""
    return CallView.of(await publish_call_draft(context, draft_id, version))
