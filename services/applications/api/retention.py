"""/holds and /retention-…: legal holds, and what the runs have removed."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.applications.api.dependencies import HoldManager, RetentionReader
from services.applications.api.schemas import HoldInput
from services.applications.commands.lift_hold import lift_hold
from services.applications.commands.place_hold import place_hold
from services.applications.domain.ending import RemovalOutcome
from services.applications.queries import retention
from services.applications.queries.views import HoldView, RetentionResultView, RetentionRunView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging
from shared.web.schemas import Reason

router = api_router("retention")


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
