"""An officer registers an evaluator of the region, or brings what is known of one up to date."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.commands.assign_evaluators import assign_evaluators, relation_hashes
from services.evaluation.locks import lock_call
from services.evaluation.steps.recusal import recuse
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, EvaluatorRow, RankingRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.ids import keyed_hash
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Profile:
    """`relations` are (kind, value) in plain text; only their keyed hashes are kept."""

    evaluator_id: str
    region: str
    languages: Sequence[str]
    topics: Sequence[str]
    relations: Sequence[tuple[str, str]]


async def register_evaluator(context: Context, hash_key: bytes, profile: Profile) -> tuple[EvaluatorRow, bool]:
    """The evaluator, and whether it is a new one. Languages and topics are replaced; a tie once known stays known.

    Calls of the region that lack evaluators are served at once, and a case on which a conflict comes to light goes to somebody else.
    """
    authorise(context.actor, Permission.MANAGE_EVALUATORS, region=profile.region)
    waiting = await _unsettled_calls(context, profile.region)
    row = await context.session.get(EvaluatorRow, (profile.region, profile.evaluator_id), with_for_update=True)
    new = row is None
    if row is None:
        row = EvaluatorRow(
            region=profile.region,
            id=profile.evaluator_id,
            languages=[],
            topics=[],
            relations={},
            relations_since={},
            registered_by=context.actor.id,
            registered_at=context.now,
        )
        context.session.add(row)
    row.languages, row.topics = sorted(set(profile.languages)), sorted(set(profile.topics))
    known = relation_hashes(row)
    row.relations = _merged(row.relations, profile.relations, hash_key)
    row.relations_since = row.relations_since | {tie: context.now.isoformat() for tie in sorted(relation_hashes(row) - known)}
    await context.session.flush()
    for call in waiting:
        await _recuse_conflicts(context, call, row)
        await assign_evaluators(context, call, reason="evaluator-registered")
    return row, new


async def _unsettled_calls(context: Context, region: str) -> list[CallRow]:
    """Those not settled yet, locked, so that one whose screening is completed just now does not miss the newcomer. Always in the
    same order: two registrations cannot wait for each other."""
    settled = select(col(RankingRow.call_id))
    query = select(col(CallRow.id)).where(
        col(CallRow.region) == region,
        col(CallRow.selection_method) == "ranking",
        col(CallRow.id).not_in(settled),
    )
    return [await lock_call(context, call_id) for call_id in (await context.session.scalars(query.order_by(col(CallRow.id)))).all()]


def _merged(known: dict[str, list[str]], told: Sequence[tuple[str, str]], hash_key: bytes) -> dict[str, list[str]]:
    merged = {kind: set(hashes) for kind, hashes in known.items()}
    for kind, value in told:
        merged.setdefault(kind, set()).add(keyed_hash(hash_key, kind, value))
    return {kind: sorted(hashes) for kind, hashes in sorted(merged.items())}


async def _recuse_conflicts(context: Context, call: CallRow, evaluator: EvaluatorRow) -> None:
    query = (
        select(AssignmentRow, CaseRow)
        .join(CaseRow, col(CaseRow.application_id) == col(AssignmentRow.application_id))
        .where(col(AssignmentRow.call_id) == call.id, col(AssignmentRow.evaluator_id) == evaluator.id)
        .where(col(AssignmentRow.state).in_(["assigned", "declared"]))
    )
    for assignment, case in (await context.session.execute(query)).all():
        if not relation_hashes(evaluator).isdisjoint(case.relations):
            await recuse(context, call, assignment, kind=None, reason="conflict-found")
