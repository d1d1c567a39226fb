"""/open-calls: what everybody may read of a call, and whether a firm could apply, without an account."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query

from services.applications.api.dependencies import Anybody
from services.applications.api.schemas import EligibilityQuestions
from services.applications.queries.open_calls import OPEN_CALLS, check_firm, open_call_page, read_open_call
from services.applications.queries.verdicts import AssessmentView
from services.applications.queries.views import OpenCallDetail, OpenCallView
from shared.kernel.vocabulary import CallState
from shared.web.auth import open_router
from shared.web.language import Language
from shared.web.paging import MAX_LIMIT, Page, Paging

router = open_router("open calls")
Number = Annotated[int, Path(ge=1, le=2**31)]


@router.get("/open-calls")
async def list_open_calls(
    context: Anybody,
    paging: Annotated[Paging, Depends(OPEN_CALLS)],
    region: str | None = None,
    state: CallState | None = None,
    call_id: Annotated[list[UUID] | None, Query(max_length=MAX_LIMIT, description="Only these; may be given several times")] = None,
) -> Page[OpenCallView]:
    """Every published call. One that is open takes applications until `closes_at`."""
    return await open_call_page(context, paging, region, state, call_id)


@router.get("/open-calls/{number}")
async def get_open_call(context: Anybody, number: Number) -> OpenCallDetail:
    return await read_open_call(context, number)


@router.post("/open-calls/{number}/eligibility")
async def post_open_call_eligibility(context: Anybody, number: Number, body: EligibilityQuestions, language: Language) -> AssessmentView:
    """How the rules of the call would judge a firm of which only this is known. Nothing is stored."""
    return await check_firm(context, number, body.form, language)
