"""The current list of a call: before the approval without the draw, afterwards as approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.evaluation.domain.appeals import list_is_revised
from services.evaluation.domain.ranking import Listing, cut_off, rank_entries, sort_key
from services.evaluation.domain.states import ACTIVE, AppealState, QueueState, RankingState
from services.evaluation.queries.agreement import statistics_of
from services.evaluation.queries.appeals import appeal_states
from services.evaluation.queries.assignments import criteria_of
from services.evaluation.queries.decisions import envelope_usage
from services.evaluation.queries.left_over import with_awards
from services.evaluation.queries.listing import active_cases, is_complete, listing_of, shortage_of, shown_outcome
from services.evaluation.queries.lists import lists_of
from services.evaluation.queries.seats import evaluation_rules, seats_needed
from services.evaluation.queries.views import EntryView, OutstandingView, RankingView
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, DecisionRow, QueueEntryRow, RankingRow, RevisedRankingRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context


async def read_ranking(context: Context, call_id: UUID) -> RankingView:
    """`list_hash` is None until the list is complete, and always in a first-come call. While appeals have the list revised, it is that of
    the list to come, and entries have its ranks."""
    call = await context.session.get_one(CallRow, call_id)
    authorise(context.actor, Permission.READ_EVALUATION, region=call.region)
    cases = await active_cases(context, call)
    lists, appeals = await lists_of(context, call_id), await appeal_states(context, call)
    approved = lists[-1] if lists else None
    revising = list_is_revised(appeals, call.revision_since)
    listing = None if call.selection_method == SelectionMethod.FIRST_COME else await listing_of(context, call, cases)
    rules = context.policies.get(call.policy_id).evaluation if call.selection_method == SelectionMethod.RANKING else None
    known = call.model_dump(include={"region", "selection_method", "policy_id", "currency", "envelope_minor", "appeals_over_at"})
    shown = approved if approved and not revising else None
    found = await _entries(context, call, Shown(approved, shown is not None, _seed(lists)), listing, cases)
    entries, left = await with_awards(context, call, found)
    return RankingView(
        **known,
        call_id=call_id,
        state=_state(call, approved, is_complete(call, cases), revising),
        granted_minor=(await envelope_usage(context, call)).granted_minor,
        waits_for=await _outstanding(context, call, cases),
        overdue=call.overdue_at is not None,
        list_hash=shown.list_hash if shown else listing.hash() if listing and is_complete(call, cases) else None,
        approved_by=approved.approved_by if approved else None,
        approved_at=approved.approved_at if approved else None,
        appeal_until=_appeal_until(context, call, lists),
        open_appeals=appeals.count(AppealState.LODGED),
        upheld_appeals=appeals.count(AppealState.UPHELD),
        conflict_found_at=call.revision_since,
        when_short=shortage_of(context, call).rule,
        free_minor=left.left_minor,
        waiting=left.waiting,
        next_minor=left.next_minor,
        list_number=len(lists),
        total_threshold=rules.total_threshold if rules else None,
        criteria=criteria_of(rules),
        entries=entries,
        statistics=await statistics_of(context, call),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """The list in force, and whether it is the one that is shown; `seed` of the first list."""

    approved: RankingRow | RevisedRankingRow | None
    as_approved: bool
    seed: str | None


def _seed(lists: Sequence[RankingRow | RevisedRankingRow]) -> str | None:
    return lists[0].seed if lists and isinstance(lists[0], RankingRow) else None


def _appeal_until(context: Context, call: CallRow, lists: Sequence[RankingRow | RevisedRankingRow]) -> datetime | None:
    policy = context.policies.get(call.policy_id)
    return policy.deadline(policy.appeal, lists[0].approved_at) if lists else None


def _state(call: CallRow, approved: RankingRow | RevisedRankingRow | None, complete: bool, revising: bool) -> RankingState:
    if call.selection_method == SelectionMethod.FIRST_COME:
        decided = call.submitted is not None and call.next_sequence > call.submitted
        return RankingState.DECIDED if decided else RankingState.WAITING
    if approved is None:
        return RankingState.READY if complete else RankingState.WAITING
    if revising:
        return RankingState.REVISING
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


async def _entries(context: Context, call: CallRow, shown: Shown, listing: Listing | None, cases: Sequence[CaseRow]) -> list[EntryView]:
    in_force = select(DecisionRow).where(col(DecisionRow.call_id) == call.id, col(DecisionRow.superseded_at).is_(None))
    outcomes = {row.application_id: row.outcome for row in await context.session.scalars(in_force)}
    scores = {entry.application_id: entry.score for entry in listing.entries} if listing else {}
    proposed: Mapping[UUID, str] = {}
    if shown.as_approved:
        listed = select(CaseRow).where(col(CaseRow.call_id) == call.id, col(CaseRow.rank).is_not(None)).order_by(col(CaseRow.rank))
        rows: Sequence[CaseRow] = (await context.session.scalars(listed)).all()
        ranks: Mapping[UUID, int | None] = {case.application_id: case.rank for case in rows}
    elif listing is not None:
        ranks, proposed = _proposal(listing, shown.seed)
        by_id = {case.application_id: case for case in cases}
        rows = [by_id[key] for key in ranks]
    else:
        rows, ranks = cases, {case.application_id: case.rank for case in cases}
    as_listed = shown.approved.outcomes if shown.approved else {}
    return [
        _entry(case, ranks[case.application_id], scores.get(case.application_id)).model_copy(
            update={
                "listed_as": shown_outcome(context, call, as_listed.get(str(case.application_id))),
                "proposed": shown_outcome(context, call, proposed.get(case.application_id)),
                "outcome": outcomes.get(case.application_id),
            }
        )
        for case in rows
    ]


def _proposal(listing: Listing, seed: str | None) -> tuple[dict[UUID, int | None], dict[UUID, str]]:
    """Application → rank, and → outcome, of a list that is not approved. Before the draw, entries that only the draw can separate share a
    rank and their outcome is not certain; in a call by draw there is none yet."""
    if seed is not None:
        ranked = rank_entries(listing, seed)
        return {each.entry.application_id: each.rank for each in ranked}, {each.entry.application_id: each.outcome for each in ranked}
    ranks = _provisional_ranks(listing)
    if listing.selection_method == SelectionMethod.DRAW:
        return ranks, {}
    by_id = {entry.application_id: entry for entry in listing.entries}
    return ranks, dict(zip(ranks, cut_off([by_id[key] for key in ranks], listing.envelope_minor, listing.shortage), strict=True))


def _provisional_ranks(listing: Listing) -> dict[UUID, int | None]:
    """Application → rank, in order. Entries that only the draw can separate share a rank; in a call by draw there is none yet."""
    ordered = sorted(listing.entries, key=lambda entry: (*sort_key(entry, listing), str(entry.application_id)))
    ranks: dict[UUID, int | None] = {}
    for _, tied in groupby(ordered, key=lambda entry: sort_key(entry, listing)):
        rank = None if listing.selection_method == SelectionMethod.DRAW else len(ranks) + 1
        ranks.update({entry.application_id: rank for entry in tied})
    return ranks


def _entry(case: CaseRow, rank: int | None, score: int | None) -> EntryView:
    return EntryView(
        rank=rank,
        application_id=case.application_id,
        requested_minor=case.requested_minor,
        amount_minor=case.amount_minor,
        total_hundredths=case.total_hundredths,
        score_hundredths=score if case.completed_at else None,
        criteria_hundredths=case.criteria or {},
        failed_rules=case.failed_rules or [],
        listed_as=None,
        listed_rank=case.rank,
        proposed=None,
        outcome=None,
        awarded_minor=None,
        withdrawn=case.withdrawn_at is not None,
    )
