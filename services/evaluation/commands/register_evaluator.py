"""An officer registers an evaluator of the region, or updates a registered one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.states import AppealState
from services.evaluation.locks import lock_call
from services.evaluation.queries.evaluators import relation_hashes
from services.evaluation.steps.assignment import assign_evaluators
from services.evaluation.steps.conflicts import keep_tied_evaluators_off
from services.evaluation.tables import AppealRow, CallRow, EvaluatorRow, RankingRow
from shared.classifications.identity_keys import spelled_hashes
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Forbidden
from shared.kernel.ids import evaluator_subject
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.acts import take_part, take_unpublished_part
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class EvaluatorProfile:
    """`relations` are (kind, value) in plain text; only their keyed hashes are stored."""

    evaluator_id: str
    region: str
    languages: Sequence[str]
    topics: Sequence[str]
    relations: Sequence[tuple[str, str]]


async def register_evaluator(context: Context, hash_key: bytes, profile: EvaluatorProfile) -> tuple[EvaluatorRow, bool]:
    """The evaluator, and whether it is a new one. Languages and topics are replaced; a relation once known is never removed.

    `Forbidden` own-registration: nobody makes itself an evaluator.

    Open seats in the region are filled at once. Who is tied to an applicant of a call loses all
    cases of it, submitted sheets too (`steps/conflicts.py`).
    """
    authorise(context.actor, Permission.MANAGE_EVALUATORS, region=profile.region)
    if profile.evaluator_id == context.actor.id:
        raise Forbidden("own-registration", "Another officer has to register you as an evaluator.")
    calls = await _calls_in_evaluation(context, profile.region)
    approved = await _approved(context, calls)
    for call in calls:  # a new relation moves its cases to others
        if call.id not in approved:
            await take_part(context, Duty.REGISTER_EVALUATOR, call_id=call.id)
    row = await context.session.get(EvaluatorRow, (profile.region, profile.evaluator_id), with_for_update=True)
    new, languages, topics = row is None, sorted(set(profile.languages)), sorted(set(profile.topics))
    relations = _merged(row.relations if row else {}, profile.relations, hash_key)
    unchanged = row is not None and (row.languages, row.topics, row.relations) == (languages, topics, relations)
    take = take_part if unchanged else take_unpublished_part
    await take(context, Duty.REGISTER_EVALUATOR, evaluator_subject(profile.region, profile.evaluator_id))
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
    known = relation_hashes(row)
    row.languages, row.topics, row.relations = languages, topics, relations
    row.relations_since = row.relations_since | {each: context.now.isoformat() for each in sorted(relation_hashes(row) - known)}
    await context.session.flush()
    for call in calls:
        await keep_tied_evaluators_off(context, call)
        if call.id not in approved:
            await assign_evaluators(context, call, reason="evaluator-registered")
    return row, new


async def _calls_in_evaluation(context: Context, region: str) -> list[CallRow]:
    """The ranking calls without decisions, locked: one whose screening is completed at this moment does not miss the new evaluator, and a
    relation that is found after the approval of a list is found before the decisions. Always in the same order, so that two registrations
    cannot wait for each other."""
    query = select(col(CallRow.id)).where(
        col(CallRow.region) == region,
        col(CallRow.selection_method) == SelectionMethod.RANKING,
        col(CallRow.appeals_over_at).is_(None),
    )
    return [await lock_call(context, call_id) for call_id in (await context.session.scalars(query.order_by(col(CallRow.id)))).all()]


async def _approved(context: Context, calls: Sequence[CallRow]) -> set[UUID]:
    """Those with a list in force that is not being revised. Who approved it may register an evaluator: there only a relation that is found
    counts, and it takes the approved list away."""
    upheld = select(col(AppealRow.call_id)).where(col(AppealRow.state) == AppealState.UPHELD)
    in_force = select(col(RankingRow.call_id)).where(col(RankingRow.call_id).not_in(upheld))
    found = set(await context.session.scalars(in_force.where(col(RankingRow.call_id).in_([call.id for call in calls]))))
    return {call.id for call in calls if call.id in found and call.revision_since is None}


def _merged(known: dict[str, list[str]], added: Sequence[tuple[str, str]], hash_key: bytes) -> dict[str, list[str]]:
    merged = {kind: set(hashes) for kind, hashes in known.items()}
    for kind, value in added:
        for known_as in spelled_hashes(hash_key, kind, value):
            merged.setdefault(kind, set()).add(known_as)
    return {kind: sorted(hashes) for kind, hashes in sorted(merged.items())}
