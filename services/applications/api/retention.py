"""/holds and /retention-…: legal holds, and what the runs have removed."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.applications.api.dependencies import HoldManager, RetentionReader
from services.applications.api.schemas import HoldInput
from services.applications.commands.lift_hold import lift_hold
from services.applications.commands.place_hold import place_hold
from services.applications.domain.ending import RemovalOutcome
from services.applications.queries import due, retention
from services.applications.queries.due import DueCasesView
from services.applications.queries.views import HoldView, RetentionResultView, RetentionRunView
from shared.web.auth import api_router
from shared.web.paging import MAX_LIMIT, Page, Paging
from shared.web.schemas import Reason

router = api_router("retention")
MOST_DAYS = 366
"""How far ahead one may look."""


@router.post("/holds", status_code=201)
async def post_hold(context: HoldManager, body: HoldInput) -> HoldView:
    """While a hold on a case or an organisation is in force, no content of it is removed."""
    return HoldView.model_validate(await place_hold(context, body.region, body.subject_kind, body.subject_id, body.reason))


@router.post("/holds/{hold_id}/lifting")
async def post_hold_lifting(context: HoldManager, hold_id: UUID, body: Reason) -> HoldView:
    """By another person than the one who placed it."""
    return HoldView.model_validate(await lift_hold(context, hold_id, body.reason))


@router.get("/holds")
async def list_holds(
    context: RetentionReader,
    paging: Annotated[Paging, Depends(retention.HOLDS)],
    region: str | None = None,
    subject_id: UUID | None = None,
    in_force: bool = False,
) -> Page[HoldView]:
    return await retention.list_holds(context, paging, region, subject_id, in_force)


@router.get("/holds/{hold_id}")
async def get_hold(context: RetentionReader, hold_id: UUID) -> HoldView:
    return await retention.read_hold(context, hold_id)


@router.get("/due-cases")
async def list_due_cases(
    context: RetentionReader,
    region: str | None = None,
    within_days: Annotated[int, Query(ge=0, le=MOST_DAYS)] = 30,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> DueCasesView:
    """Cases whose term is over, or ends within so many days: until the next run they can be held. Without personal data."""
    return await due.list_due_cases(context, region, within_days, limit)


@router.get("/retention-runs")
async def list_retention_runs(
    context: RetentionReader, paging: Annotated[Paging, Depends(retention.RUNS)], region: str | None = None
) -> Page[RetentionRunView]:
    """How many cases each run has removed, found held, and could not remove."""
    return await retention.list_retention_runs(context, paging, region)


@router.get("/retention-results")
async def list_retention_results(
    context: RetentionReader,
    paging: Annotated[Paging, Depends(retention.RESULTS)],
    region: str | None = None,
    run_id: UUID | None = None,
    outcome: RemovalOutcome | None = None,
) -> Page[RetentionResultView]:
    """Case by case, without personal data."""
    return await retention.list_retention_results(context, paging, region, run_id, outcome)
