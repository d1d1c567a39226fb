"""QuestionAnswered: the evaluator who asked gets to know of it."""

from uuid import UUID

from services.people.domain.mails import Template
from services.people.queries.cases import reported_case
from services.people.queries.roles import roles_in_force
from services.people.steps.mails import mail_person
from services.people.tables import PersonRow
from shared.contracts.evaluation import QuestionAnswered
from shared.identity.actor import Grant, Role
from shared.messaging.context import Context


async def mail_answer(context: Context, event: QuestionAnswered) -> None:
    """Nobody else, and no one who is no evaluator of the region any more. The mail does not tell who applies. `NotYet` when the case is not
    known; `Contradiction` when the event differs from it."""
    case = await reported_case(context, event)
    person = await _person(context, event.evaluator_id)
    if person is None or person.machine or Grant(Role.EVALUATOR, case.region) not in await roles_in_force(context, person.id):
        return
    facts = event.model_dump(mode="json", include={"assignment_id"})
    await mail_person(context, person, Template.QUESTION_ANSWERED, facts, region=case.region, case_id=case.application_id)


async def _person(context: Context, evaluator_id: str) -> PersonRow | None:
    try:
        person_id = UUID(evaluator_id)
    except ValueError:
        return None
    return await context.session.get(PersonRow, person_id)
