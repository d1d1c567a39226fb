"""The list of a call as it stands: before the approval without the draw, afterwards as approved."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.evaluation.commands.assign_evaluators import ACTIVE_STATES, rules_of, seats_needed
from services.evaluation.domain.adjustment import severities
from services.evaluation.domain.draw import draw_key
from services.evaluation.domain.ranking import Listing, sort_key
from services.evaluation.domain.statistics import alpha, icc
from services.evaluation.queries.views import DrawEntry, DrawView, EntryView, EvaluatorStatistics, RankingView, Statistics, WaitsFor
from services.evaluation.steps.decisions import standing_of
from services.evaluation.steps.listing import Totals, active_cases, is_ready, listing_of, totals_of
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, DecisionRow, RankingRow, TurnRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def read_ranking(context: Context, call_id: UUID) -> RankingView:
    call = await context.session.get_one(CallRow, call_id)
    authorise(context.actor, Permission.READ_EVALUATION, region=call.region)
    cases = await active_cases(context, call)
    approved = await context.session.get(RankingRow, call_id)
    waits_for = await _waits_for(context, call, cases)
    listing = None if call.selection_method == "first-come" else await listing_of(context, call, cases)
    known = call.model_dump(include={"region", "selection_method", "policy_id", "currency", "envelope_minor", "appeals_over_at"})
    return RankingView(
        **known,
        call_id=call_id,
        state=await _state(context, call, approved, is_ready(call, cases)),
        granted_minor=(await standing_of(context, call)).granted_minor,
        waits_for=waits_for,
        overdue=call.overdue_at is not None,
        list_hash=approved.list_hash if approved else listing.hash() if listing and is_ready(call, cases) else None,
        approved_by=approved.approved_by if approved else None,
        approved_at=approved.approved_at if approved else None,
        entries=await _entries(context, call, approved, listing, cases),
        statistics=await _statistics(context, call),
    )


async def read_draw(context: Context, call_id: UUID) -> DrawView:
    """`Conflict` 'no-draw' for a first-come call."""
    call = await context.session.get_one(CallRow, call_id)
    authorise(context.actor, Permission.READ_CALLS, region=call.region)
    if call.nonce_hash is None:
        raise Conflict("no-draw", "In this call the earlier application goes first; nothing is drawn.")
    view = DrawView(call_id=call_id, nonce_hash=call.nonce_hash, committed_at=call.published_at, opens_at=call.opens_at)
    approved = await context.session.get(RankingRow, call_id)
    if approved is None:
        return view
    keys = sorted((draw_key(approved.seed, UUID(each)), UUID(each)) for each in approved.outcomes)
    told = {"list_hash": approved.list_hash, "nonce": call.nonce, "seed": approved.seed, "list_text": approved.list_text}
    return view.model_copy(update={**told, "order": [DrawEntry(application_id=each, draw_key=key) for key, each in keys]})


async def _state(context: Context, call: CallRow, approved: RankingRow | None, ready: bool) -> str:
    if call.selection_method == "first-come":
        decided = call.submitted is not None and call.next_sequence > call.submitted
        return "decided" if decided else "waiting"
    if approved is None:
        return "ready" if ready else "waiting"
    return "approved" if call.appeals_over_at is None else "decided"


async def _waits_for(context: Context, call: CallRow, cases: Sequence[CaseRow]) -> WaitsFor:
    if call.selection_method == "first-come":
        query = select(func.count()).where(col(TurnRow.call_id) == call.id, col(TurnRow.state) == "waiting")
        waiting = int(await context.session.scalar(query) or 0)
        return WaitsFor(screening=call.eligible is None, cases=waiting, unassigned_places=0, evaluations=0)
    missing = None if call.eligible is None else 0 if call.complete_at else max(call.eligible - len(cases), 0)
    screening = call.eligible is None
    unfinished = [case for case in cases if case.completed_at is None]
    if call.selection_method == "draw":
        return WaitsFor(screening=screening, cases=missing, unassigned_places=0, evaluations=0)
    query = select(func.count()).where(
        col(AssignmentRow.application_id).in_([case.application_id for case in unfinished]), col(AssignmentRow.state).in_(ACTIVE_STATES)
    )
    needed = sum(seats_needed(case, rules_of(context.policies, call)) for case in unfinished)
    unassigned = needed - int(await context.session.scalar(query) or 0)
    return WaitsFor(screening=screening, cases=missing, unassigned_places=unassigned, evaluations=len(unfinished))


async def _entries(
    context: Context, call: CallRow, approved: RankingRow | None, listing: Listing | None, cases: Sequence[CaseRow]
) -> list[EntryView]:
    decided = select(DecisionRow).where(col(DecisionRow.call_id) == call.id, col(DecisionRow.superseded_at).is_(None))
    outcomes = {row.application_id: row.outcome for row in await context.session.scalars(decided)}
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
    """Application → rank, in order. Who can only be told apart by the draw shares a rank; in a draw there is none yet."""
    ordered = sorted(listing.entries, key=lambda entry: (*sort_key(entry, listing), str(entry.application_id)))
    ranks: dict[UUID, int | None] = {}
    for _, tied in groupby(ordered, key=lambda entry: sort_key(entry, listing)):
        rank = None if listing.method == "draw" else len(ranks) + 1
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


async def _statistics(context: Context, call: CallRow) -> Statistics:
    if call.selection_method != "ranking":
        return Statistics(icc=None, alpha=None, evaluators=[])
    totals = await totals_of(context, call)
    first = rules_of(context.policies, call).evaluators_per_case
    rows = [list(sheets.values()) for sheets in totals.values()]
    return Statistics(icc=icc([row[:first] for row in rows if len(row) >= first]), alpha=alpha(rows), evaluators=_by_evaluator(totals))


def _by_evaluator(totals: Totals) -> list[EvaluatorStatistics]:
    severity = severities(totals)
    everyone = sorted({evaluator for sheets in totals.values() for evaluator in sheets})
    return [
        EvaluatorStatistics(
            evaluator_id=each,
            sheets=sum(each in sheets for sheets in totals.values()),
            severity=round(float(severity[each]), 2) if each in severity else None,
        )
        for each in everyone
    ]
