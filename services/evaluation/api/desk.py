"""/desk: what waits for officers; /assignment-counts: what an evaluator has."""

from services.evaluation.api.dependencies import AssignmentReader, DeskReader
from services.evaluation.queries import desk
from services.evaluation.queries.desk import AssignmentCountsView, DeskView
from shared.web.auth import api_router

router = api_router("desk")


@router.get("/desk")
async def get_desk(context: DeskReader, region: str | None = None) -> DeskView:
    """How much of each kind, over all regions of the caller, or in `region`."""
    return await desk.get_desk(context, region)


@router.get("/assignment-counts")
async def get_assignment_counts(context: AssignmentReader, region: str | None = None) -> AssignmentCountsView:
    """Only the caller's own, also for an officer who evaluates."""
    return await desk.assignment_counts(context, region)
