"""/calls: published, extended, read, screened as a whole."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.applications.api.dependencies import CallManager, CallReader, Screener, require_one_step
from services.applications.api.schemas import CallCorrectionInput, CallDefinitionInput, CallExtensionInput
from services.applications.commands.correct_call import correct_call
from services.applications.commands.extend_call import extend_call
from services.applications.commands.publish_call import publish_call
from services.applications.commands.screen_call import screen_call
from services.applications.queries.calls import CALLS, call_of, calls
from services.applications.queries.forms import CallFormView, call_form_of
from services.applications.queries.views import CallScreeningView, CallView
from shared.kernel.vocabulary import CallState
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.language import Language
from shared.web.paging import Page, Paging, page_of

router = api_router("calls", "/calls")


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(require_one_step)],
    responses={200: {"description": "It was published before, with the same content.", "model": CallView}},
)
async def post_call(context: CallManager, body: CallDefinitionInput, response: Response) -> CallView:
    """Publishes a call under the policy in force on the day it opens, in one step: only where the installation allows it. Elsewhere a call
    is a draft (`/call-drafts`) that another officer publishes."""
    published = await publish_call(context, body)
    response.status_code = 201 if published.is_new else 200
    return CallView.of(published.call)


@router.get("")
async def list_calls(
    context: CallReader,
    paging: Annotated[Paging, Depends(CALLS)],
    region: str | None = None,
    state: CallState | None = None,
    slug: str | None = None,
) -> Page[CallView]:
    return await page_of(context.session, calls(context.actor, region, state, slug), paging, CallView.of)


@router.get("/{call_id}")
async def get_call(context: CallReader, call_id: UUID) -> CallView:
    return CallView.of(await call_of(context, call_id))


@router.get("/{call_id}/form")
async def get_call_form(
    context: CallReader, call_id: UUID, accepted: Language, language: Annotated[str | None, Query(pattern="^[a-z]{2}$")] = None
) -> CallFormView:
    """The form that the call is pinned to, with its texts in `language` (of Accept-Language without it)."""
    return await call_form_of(context, call_id, language or accepted)


@router.post("/{call_id}/extension")
async def post_call_extension(context: CallManager, call_id: UUID, body: CallExtensionInput) -> CallView:
    """Moves the end; evaluation and reserve list move by as much. Only while the call has not ended."""
    return CallView.of(await extend_call(context, call_id, body.closes_at, body.reason))


@router.post("/{call_id}/correction")
async def post_call_correction(context: CallManager, call_id: UUID, body: CallCorrectionInput) -> CallView:
    """Title and text as a new version, with the reason that everybody reads. Rules, money and dates are not corrected."""
    return CallView.of(await correct_call(context, call_id, body.version, body.title, body.text, body.words))


@router.post("/{call_id}/screening")
async def post_call_screening(
    context: Screener, call_id: UUID, hash_key: HashKey, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> CallScreeningView:
    """Screens up to `limit` submitted applications in the order of submission. Repeat while `remaining` is not 0."""
    return CallScreeningView.model_validate(await screen_call(context, call_id, limit=limit, hash_key=hash_key), from_attributes=True)
