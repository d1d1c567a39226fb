"""What waits for officers in screening, and of calls that are being written."""

from sqlalchemy import case, func, select
from sqlmodel import col

from services.applications.domain.overrules import OverruleState
from services.applications.domain.states import DraftState
from services.applications.tables import ApplicationRow, CallDraftRow, OverruleRow
from shared.contracts.common import WaitingTask
from shared.kernel.vocabulary import ApplicationState, TaskKind
from shared.messaging.context import Context


async def waiting_tasks(context: Context, region: str) -> list[WaitingTask]:
    """Of a region. A corrected application counts as corrected, and not a second time as one to screen."""
    row = ApplicationRow
    corrected = func.count(case((col(row.revision) > 1, 1)))
    submitted = select(func.count(), corrected).where(col(row.region) == region, col(row.state) == ApplicationState.SUBMITTED)
    every, again = (await context.session.execute(submitted)).one()
    found: list[tuple[TaskKind, int, str | None]] = [
        (TaskKind.CORRECTED_APPLICATIONS, again, None), (TaskKind.APPLICATIONS_TO_SCREEN, every - again, None),
    ]  # fmt: skip
    overrules = (
        select(col(OverruleRow.proposed_by), func.count())
        .where(col(OverruleRow.region) == region, col(OverruleRow.state) == OverruleState.PROPOSED)
        .group_by(col(OverruleRow.proposed_by))
        .order_by(col(OverruleRow.proposed_by))
    )
    found += [(TaskKind.OVERRULES, count, person) for person, count in (await context.session.execute(overrules)).all()]
    drafts = (
        select(col(CallDraftRow.submitted_by), func.count())
        .where(col(CallDraftRow.region) == region, col(CallDraftRow.state) == DraftState.SUBMITTED)
        .group_by(col(CallDraftRow.submitted_by))
        .order_by(col(CallDraftRow.submitted_by))
    )
    found += [(TaskKind.CALLS_TO_PUBLISH, count, person) for person, count in (await context.session.execute(drafts)).all()]
    return [WaitingTask(kind=kind, count=count, not_for=person) for kind, count, person in found if count]
