"""The evaluators who are tied to an applicant of a call."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, cast, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from services.evaluation.domain.assignment import Evaluator
from services.evaluation.domain.conflicts import tied_to_call
from services.evaluation.queries.evaluators import relation_hashes
from services.evaluation.tables import CallRow, CaseRow, EvaluatorRow
from shared.identity.duties import Duty
from shared.messaging.acts import persons_closed_to
from shared.messaging.context import Context


async def tied_evaluators(context: Context, call: CallRow, evaluators: Sequence[EvaluatorRow]) -> frozenset[str]:
    """Also to an application that was withdrawn: who competed with the others knew of it. By relations of any kind, and by acts for an
    applicant in the call."""
    hashes = sorted({each for row in evaluators for each in relation_hashes(row)})
    relations: set[str] = set()
    if hashes:
        named = cast(col(CaseRow.relations), JSONB).has_any(cast(hashes, ARRAY(Text)))
        query = select(col(CaseRow.relations)).where(col(CaseRow.call_id) == call.id, named)
        relations = {each for found in await context.session.scalars(query) for each in found}
    applicants = await persons_closed_to(context, Duty.SCORE, call.id)
    profiles = [Evaluator(row.id, row.region, frozenset(row.languages), frozenset(row.topics), relation_hashes(row)) for row in evaluators]
    return tied_to_call(profiles, relations, applicants)
