"""The current list of a call: before the approval without the draw, afterwards as approved."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.evaluation.domain.ranking import Listing, sort_key
from services.evaluation.domain.states import ACTIVE, QueueState, RankingState
from services.evaluation.queries.agreement import statistics_of
from services.evaluation.queries.decisions import envelope_usage
from services.evaluation.queries.listing import active_cases, is_complete, listing_of
from services.evaluation.queries.seats import evaluation_rules, seats_needed
from services.evaluation.queries.views import EntryView, OutstandingView, RankingView
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, DecisionRow, QueueEntryRow, RankingRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context


async def read_ranking(context: Context, call_id: UUID) -> RankingView:
    """`list_hash` is None until the list is complete, and always in a first-come call."""
    call = await context.session.get_one(CallRow, call_id)
    authorise(context.actor, Permission.READ_EVALUATION, region=call.region)
    cases = await active_cases(context, call)
    approved = await context.session.get(RankingRow, call_id)
    listing = None if call.selection_method == SelectionMethod.FIRST_COME else await listing_of(context, call, cases)
    known = call.model_dump(include={"region", "selection_method", "policy_id", "currency", "envelope_minor", "appeals_over_at"})
    return RankingView(
        **known,
        call_id=call_id,
        state=_state(call, approved, is_complete(call, cases)),
        granted_minor=(await envelope_usage(context, call)).granted_minor,
        waits_for=await _outstanding(context, call, cases),
        overdue=call.overdue_at is not None,
        list_hash=approved.list_hash if approved else listing.hash() if listing and is_complete(call, cases) else None,
        approved_by=approved.approved_by if approved else None,
        approved_at=approved.approved_at if approved else None,
        entries=await _entries(context, call, approved, listing, cases),
        statistics=await statistics_of(context, call),
    )


def _state(call: CallRow, approved: RankingRow | None, complete: bool) -> RankingState:
    if call.selection_method == SelectionMethod.FIRST_COME:
        decided = call.submitted is not None and call.next_sequence > call.submitted
        return RankingState.DECIDED if decided else RankingState.WAITING
    if approved is None:
        return RankingState.READY if complete else RankingState.WAITING
    return RankingState.APPROVED if call.appeals_over_at is None else RankingState.DECIDED


async def _outstanding(context: Context, call: CallRow, cases: Sequence[CaseRow]) -> OutstandingView:
    screening = call.eligible is None
    if call.selection_method == SelectionMethod.FIRST_COME:
        query = select(func.count()).where(col(QueueEntryRow.call_id) == call.id, col(QueueEntryRow.state) == QueueState.WAITING)
        waiting = int(await context.session.scalar(query) or 0)
        return OutstandingView(screening=screening, cases=waiting, unassigned_seats=0, evaluations=0)
    missing = None if call.eligible is None else 0 if call.complete_at else max(call.eligible - len(cases), 0)
    if call.selection_method == SelectionMethod.DRAW:
        return OutstandingView(screening=screening, cases=missing, unassigned_seats=0, evaluations=0)
    unfinished = [case for case in cases if case.completed_at is None]
    query = select(func.count()).where(
        col(AssignmentRow.application_id).in_([case.application_id for case in unfinished]), col(AssignmentRow.state).in_(ACTIVE)
    )
    needed = sum(seats_needed(case, evaluation_rules(context, call)) for case in unfinished)
    unassigned = needed - int(await context.session.scalar(query) or 0)
    return OutstandingView(screening=screening, cases=missing, unassigned_seats=unassigned, evaluations=len(unfinished))


async def _entries(
    context: Context, call: CallRow, approved: RankingRow | None, listing: Listing | None, cases: Sequence[CaseRow]
) -> list[EntryView]:
    in_force = select(DecisionRow).where(col(DecisionRow.call_id) == call.id, col(DecisionRow.superseded_at).is_(None))
    outcomes = {row.application_id: row.outcome for row in await context.session.scalars(in_force)}
    scores = {entry.application_id: entry.score for entry in listing.entries} if listing else {}
    if approved is not None:
        listed = select(CaseRow).where(col(CaseRow.call_id) == call.id, col(CaseRow.rank).is_not(None)).order_by(col(CaseRow.rank))
        rows: Sequence[CaseRow] = (await context.session.scalars(listed)).all()
        ranks: Mapping[UUID, int | None] = {case.application_id: case.rank for case in rows}
    elif listing is not None:
        ranks = _provisional_ranks(listing)
        by_id = {case.application_id: case for case in cases}
        rows = [by_id[key] for key in ranks]
    else:
        rows, ranks = cases, {case.application_id: case.rank for case in cases}
    as_listed = approved.outcomes if approved else {}
    return [
        _entry(case, ranks[case.application_id], scores.get(case.application_id), as_listed, outcomes.get(case.application_id))
        for case in rows
    ]


def _provisional_ranks(listing: Listing) -> dict[UUID, int | None]:
    """Application → rank, in order. Entries that only the draw can separate share a rank; in a call by draw there is none yet."""
    ordered = sorted(listing.entries, key=lambda entry: (*sort_key(entry, listing), str(entry.application_id)))
    ranks: dict[UUID, int | None] = {}
    for _, tied in groupby(ordered, key=lambda entry: sort_key(entry, listing)):
        rank = None if listing.selection_method == SelectionMethod.DRAW else len(ranks) + 1
        ranks.update({entry.application_id: rank for entry in tied})
    return ranks


def _entry(case: CaseRow, rank: int | None, score: int | None, as_listed: Mapping[str, str], outcome: str | None) -> EntryView:
    return EntryView(
        rank=rank,
        application_id=case.application_id,
        requested_minor=case.requested_minor,
        amount_minor=case.amount_minor,
        total_hundredths=case.total_hundredths,
        score_hundredths=score if case.completed_at else None,
        criteria_hundredths=case.criteria or {},
        failed_rules=case.failed_rules or [],
        listed_as=as_listed.get(str(case.application_id)),
        outcome=outcome,
    )
