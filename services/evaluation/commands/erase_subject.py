"""SubjectErased: destroys the key of the organisation."""

from sqlalchemy import exists, select
from sqlmodel import col

from services.evaluation.tables import CaseRow, DecisionRow
from shared.contracts.applications import SubjectErased
from shared.kernel.errors import Contradiction
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.privacy.keys import destroy_key


async def erase_subject(context: Context, event: SubjectErased) -> None:
    """Repeating changes nothing. `Contradiction` when a case of the organisation is undecided, or granted: then nobody may erase."""
    decision, case = DecisionRow, CaseRow
    in_force = (col(decision.application_id) == col(case.application_id), col(decision.superseded_at).is_(None))
    ends = (DecisionOutcome.REFUSED, DecisionOutcome.INVITED)
    ended = exists().where(*in_force, col(decision.outcome).in_(ends))
    open_case = select(col(case.application_id)).where(
        col(case.organisation_id) == event.organisation_id, col(case.withdrawn_at).is_(None), ~ended
    )
    if case_id := await context.session.scalar(open_case.limit(1)):
        raise Contradiction(f"the case {case_id} of the erased organisation {event.organisation_id} has not ended")
    await destroy_key(context.session, event.organisation_id, context.now)
