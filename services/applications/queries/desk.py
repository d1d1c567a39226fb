"""What waits for officers here, and how far calls are."""

from collections.abc import Collection
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from services.applications.domain.ending import RemovalOutcome
from services.applications.domain.overrules import OverruleState
from services.applications.domain.states import DraftState, SchemeFileState
from services.applications.queries.screening import undecided_counts
from services.applications.queries.screening_views import ScreeningCountsView
from services.applications.tables import (
    ApplicationRow,
    CallDraftRow,
    CallRow,
    ErasureRow,
    OverruleRow,
    RetentionResultRow,
    RetentionRunRow,
    SchemeFileProposalRow,
)
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.acts import ActRow
from shared.messaging.context import Context
from shared.web.counts import ACTOR, REGIONS, Counts, CountView


class PipelineView(BaseModel):
    """How many applications of a call that were submitted are in each state."""

    call_id: UUID
    states: dict[str, int]


class DeskView(BaseModel):
    """`to_screen`: calls with applications that are not screened, and these alone. `overrules`, `drafts_to_publish`, `scheme_files` and
    `erasures` wait for another officer than the one who wrote them; `drafts_returned` came back to the reader. `not_removed`: cases that
    the last run of each region could not remove."""

    to_screen: list[ScreeningCountsView]
    overrules: CountView
    drafts_to_publish: CountView
    drafts_returned: CountView
    scheme_files: CountView
    erasures: CountView
    not_removed: CountView


def _waiting() -> Counts:
    row, result, run = CallDraftRow, RetentionResultRow, RetentionRunRow
    overrules = (
        select(OverruleRow.id)
        .join(ApplicationRow, col(ApplicationRow.id) == col(OverruleRow.application_id))
        .where(col(OverruleRow.region).in_(REGIONS), col(OverruleRow.state) == OverruleState.PROPOSED)
        .where(col(OverruleRow.revision) == col(ApplicationRow.revision), col(OverruleRow.proposed_by) != ACTOR)
    )
    own = select(ActRow.subject_id).where(
        col(ActRow.subject_id) == col(row.id), col(ActRow.actor) == ACTOR, col(ActRow.duty) == Duty.DRAFT_CALL
    )
    drafts = select(row.id).where(col(row.region).in_(REGIONS))
    submitted, written = (col(row.state) == state for state in (DraftState.SUBMITTED, DraftState.DRAFT))
    erasures = select(ErasureRow.id).where(col(ErasureRow.region).in_(REGIONS), col(ErasureRow.confirmed_at).is_(None))
    last_runs = (
        select(run.id).ext(distinct_on(col(run.region))).where(col(run.region).in_(REGIONS)).order_by(col(run.region), col(run.at).desc())
    )
    failed = (col(result.run_id).in_(last_runs), col(result.outcome) == RemovalOutcome.FAILED)
    return Counts(
        {
            "erasures": erasures.where(col(ErasureRow.requested_by) != ACTOR),
            "not_removed": select(result.application_id).where(*failed),
            "overrules": overrules,
            "scheme_files": select(SchemeFileProposalRow.id).where(
                col(SchemeFileProposalRow.region).in_(REGIONS),
                col(SchemeFileProposalRow.state) == SchemeFileState.SUBMITTED,
                col(SchemeFileProposalRow.proposed_by) != ACTOR,
            ),
            "drafts_to_publish": drafts.where(submitted, ~own.exists()),
            "drafts_returned": drafts.where(written, own.exists(), col(row.returned_words) != ""),
        }
    )


_WAITING = _waiting()


async def get_desk(context: Context, region: str | None) -> DeskView:
    """Of all regions of the actor, or of `region`."""
    regions = visible_regions(context.actor, Permission.SCREEN_APPLICATION, region)
    return DeskView(
        to_screen=await undecided_counts(context, regions),
        **await _WAITING.of(context.session, regions=regions, actor=context.actor.id),
    )


async def pipelines(context: Context, call_ids: Collection[UUID]) -> list[PipelineView]:
    """Of those calls that have applications, as far as the actor may screen them."""
    row, regions = ApplicationRow, visible_regions(context.actor, Permission.SCREEN_APPLICATION, None)
    query = (
        select(row.call_id, row.state, func.count())
        .join(CallRow, col(CallRow.id) == col(row.call_id))
        .where(col(CallRow.region).in_(regions), col(row.call_id).in_(call_ids), col(row.sequence).is_not(None))
        .group_by(col(row.call_id), col(row.state))
    )
    found: dict[UUID, dict[str, int]] = {}
    for call_id, state, count in await context.session.execute(query):
        found.setdefault(call_id, {})[state] = count
    return [PipelineView(call_id=call_id, states=states) for call_id, states in found.items()]
