"""The evaluation of a call: how far it is, who has how much, what differs; questions, and seats given to others."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.client.applications import CallView
from portal.client.base import ApiProblem
from portal.client.evaluation import AnswerInput, CaseView, QuestionView, ReopeningInput, ReplacementInput
from portal.kit.desks import Task
from portal.kit.formats import day_in, scored
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, limit, listed, region_filter
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import FORM
from portal.kit.regions import region_name
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.officer import evaluators, late
from portal.officer.names import TAGS, barring_name, ended_name, rule_name, title_of, titles_of_call
from portal.officer.ranking import call_of
from shared.texts.languages import in_language

PATH = "/officer/evaluation"
STATES = {"open": "yellow", "evaluated": "blue", "withdrawn": "grey", **TAGS}
ANY = "any"
"""The platform chooses who takes a seat."""


async def tasks(visit: Visit) -> list[Task]:
    """What waits for officers in the evaluation."""
    desk = await visit.services.evaluation.get_desk(await visit.caller(), region=visit.region_as("officer"))
    appeals, questions, unassigned, overdue, unspent = desk.appeals, desk.questions, desk.unassigned, desk.late, desk.unspent
    hint = text(visit.language, "Nobody who is registered may take them. Register another evaluator of the region.")
    unspent_hint = text(
        visit.language, "The next application on the reserve list asks for more than is left. The ranking list of the call says how much."
    )
    return [
        Task(text(visit.language, "Applications that lack an evaluator"), unassigned.count, evaluators.PATH, unassigned.exact, hint=hint),
        Task(text(visit.language, "Appeals to decide"), appeals.count, "/officer/appeals?state=lodged", appeals.exact),
        Task(
            text(visit.language, "Questions of evaluators to answer"), questions.count, f"{PATH}/questions?answered=false", questions.exact
        ),
        Task(text(visit.language, "Late score sheets"), overdue.count, late.PATH, overdue.exact),
        Task(text(visit.language, "Calls with money that no award takes"), unspent.count, PATH, unspent.exact, hint=unspent_hint),
    ]


async def calls(visit: Visit) -> Response:
    """The calls of the officer's regions, each with its evaluation and its list."""
    regions = await visit.regions()
    language = visit.language

    def zone(one: CallView) -> str:
        return regions[one.region].zone

    listing: Listing[CallView] = Listing(
        name="evaluations",
        title=text(language, "Evaluation and ranking"),
        columns=[
            Column("call", text(language, "Call"), lambda one: Cell(in_language(one.title, language), f"{PATH}/{one.id}")),
            Column("closes_at", text(language, "Closes"), lambda one: limit(one.closes_at, zone(one), language), sort="closes_at"),
            Column(
                "evaluation_due", text(language, "Evaluation due"),
                lambda one: Cell(day_in(one.evaluation_due_at, zone(one), language), value=one.evaluation_due_at),
            ),
            Column("list", text(language, "List"), lambda one: Cell(text(language, "Ranking list"), f"/officer/calls/{one.id}/ranking")),
        ],
        ask=partial(visit.services.applications.list_calls, await visit.caller()),
        empty=text(language, "There is no call yet. A call is evaluated when it has closed and its applications are screened."),
        filters=[await region_filter(visit, "officer")],
    )  # fmt: skip
    return await listed(visit, listing, "officer/evaluation-calls.html", waiting=[task for task in await tasks(visit) if task.count])


async def evaluation(visit: Visit) -> Response:
    """How far the evaluation of one call is, and its cases."""
    call_id, caller = UUID(str(visit.request.path_params["call_id"])), await visit.caller()
    progress = await visit.services.evaluation.get_call_evaluation(caller, call_id)
    titles, call = await titles_of_call(visit, call_id), await call_of(visit, call_id)
    listing = Listing(
        name="cases",
        title=text(visit.language, "Applications in evaluation"),
        columns=_columns(visit.language, titles),
        ask=partial(visit.services.evaluation.list_cases, caller, call_id=call_id),
        empty=text(visit.language, "No application has been found eligible yet. Evaluators are assigned when the screening is complete."),
        filters=[Filter("state", text(visit.language, "State"), case_states(visit.language))],
        sort="sequence",
    )
    names = await named(visit, [one.evaluator_id for one in progress.load])
    return await listed(visit, listing, "officer/evaluation.html", progress=progress, call=call, evaluator_name=names.evaluator)


async def progress_of(visit: Visit) -> object:
    """What is asked to see whether the page of a call has changed: its cases are many."""
    call_id = UUID(str(visit.request.path_params["call_id"]))
    return await visit.services.evaluation.get_call_evaluation(await visit.caller(), call_id)


def case_states(language: str) -> dict[str, str]:
    """State of a case → its name."""
    return {
        "open": text(language, "Being scored"),
        "evaluated": text(language, "Scored"),
        "withdrawn": text(language, "Withdrawn"),
        "granted": text(language, "Granted"),
        "invited": text(language, "Invited"),
        "reserve": text(language, "Reserve list"),
        "refused": text(language, "Refused"),
    }


def _columns(language: str, titles: dict[UUID, str]) -> list[Column[CaseView]]:
    def total(one: CaseView) -> Cell:
        found = one.total_hundredths
        below = text(language, "Scores differ widely") if one.divergent else ""
        return Cell("", below=below) if found is None else Cell(scored(found, language), below=below, value=Decimal(found) / 100)

    def named(one: CaseView) -> Cell:
        return Cell(
            titles.get(one.application_id, title_of(None, one.sequence, language)), f"/officer/cases/{one.application_id}/evaluation"
        )

    return [
        Column("application", text(language, "Application"), named),
        Column("amount", text(language, "Aid"), lambda one: amount(one.amount_minor, one.currency, language), number=True),
        Column("sheets", text(language, "Score sheets"), lambda one: Cell(str(one.score_sheets), value=one.score_sheets), number=True),
        Column("total", text(language, "Points"), total, number=True),
        Column(
            "state", text(language, "State"), lambda one: Cell(case_states(language)[one.state], colour=STATES[one.state], value=one.state)
        ),
    ]


async def case(visit: Visit) -> Response:
    """One application: who scores it, what the sheets say and where they differ."""
    caller, application_id = await visit.caller(), visit.request.path_params["application_id"]
    found = await visit.services.evaluation.get_case(caller, application_id)
    application = await visit.services.applications.get_application(caller, application_id)
    await visit.at(application.region)
    call = await call_of(visit, found.call_id)
    names = await named(visit, [*(one.evaluator_id for one in found.assignments), *(one.evaluator_id for one in found.sheets)])
    language = visit.language
    return page(
        visit,
        "officer/evaluation-case.html",
        case=found,
        title=title_of(application.title, application.sequence, language),
        call=call,
        state=case_states(language)[found.state],
        colour=STATES[found.state],
        evaluator_name=names.evaluator,
        ended_name=lambda reason: ended_name(reason, language),
        rule_name=lambda rule: rule_name(rule, language),
    )


async def case_of(visit: Visit) -> object:
    """What is asked to see whether the page of a case has changed. The service of applications records who reads the application."""
    return await visit.services.evaluation.get_case(await visit.caller(), visit.request.path_params["application_id"])


async def replacement(visit: Visit) -> Response:
    """Who could take the seat, with load and reasons."""
    return await _replacement_page(visit, {"evaluator_id": ANY, "why": "replaced"}, {})


async def replace(visit: Visit) -> Response:
    chosen = visit.form.get("evaluator_id") or ANY
    why = "conflict-found" if visit.form.get("why") == "conflict-found" else "replaced"
    body = ReplacementInput.model_validate(
        {"why": why, "evaluator_id": None if chosen == ANY else chosen, "reason": visit.form.get("reason")}
    )
    try:
        row = await visit.services.evaluation.post_assignment_replacement(await visit.caller(), _assignment(visit), body)
    except ApiProblem as problem:
        if problem.status not in (403, 409, 422):
            raise
        return await _replacement_page(visit, dict(visit.form), problem.fields or {FORM: problem.detail}, problem.status)
    return go(f"/officer/cases/{row.application_id}/evaluation?done=replaced")


async def _replacement_page(visit: Visit, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    caller, language = await visit.caller(), visit.language
    assignment = await visit.services.evaluation.get_assignment(caller, _assignment(visit))
    await visit.at(assignment.region)
    candidates = await visit.services.evaluation.get_case_candidates(caller, assignment.application_id)
    names = await named(visit, [assignment.evaluator_id, *(one.evaluator_id for one in candidates)])
    return page(
        visit,
        "officer/replacement.html",
        status=status,
        title=text(language, "Give the seat to another evaluator"),
        follows=[
            text(language, "%(name)s cannot read the application any more. That cannot be undone.")
            % {"name": names.evaluator(assignment.evaluator_id)},
            text(language, "Nobody scores an application twice. Who does this approves no list of this call, and no appeal in it."),
        ],
        button=text(language, "Give the seat away"),
        back=f"/officer/cases/{assignment.application_id}/evaluation",
        assignment=assignment,
        candidates=candidates,
        any=ANY,
        evaluator_name=names.evaluator,
        barring_name=lambda rule: barring_name(rule, language),
        form={"typed": typed, "errors": errors},
    )  # fmt: skip


async def reopening(visit: Visit) -> Response:
    return await _reopening_page(visit, {}, {})


async def reopen(visit: Visit) -> Response:
    reason = visit.form.get("reason")
    if not reason:
        return await _reopening_page(visit, {}, {"reason": text(visit.language, "Give a reason; the evaluator reads it")}, 422)
    try:
        row = await visit.services.evaluation.post_assignment_reopening(
            await visit.caller(), _assignment(visit), ReopeningInput(reason=reason)
        )
    except ApiProblem as problem:
        if problem.status not in (403, 409, 422):
            raise
        return await _reopening_page(visit, dict(visit.form), problem.fields or {FORM: problem.detail}, problem.status)
    return go(f"/officer/cases/{row.application_id}/evaluation?done=reopened")


async def _reopening_page(visit: Visit, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    assignment = await visit.services.evaluation.get_assignment(await visit.caller(), _assignment(visit))
    await visit.at(assignment.region)
    language = visit.language
    return page(
        visit,
        "kit/confirm.html",
        status=status,
        title=text(language, "Open the score sheet again"),
        follows=[
            text(language, "The sheet is kept as it is and counts no more. The evaluator gets it back as a draft and submits it again."),
            text(
                language,
                "The application has no result until then. Who does this approves no list of this call, and no appeal in it.",
            ),
        ],
        button=text(language, "Open the sheet again"),
        back=f"/officer/cases/{assignment.application_id}/evaluation",
        ask_reason=True,
        form={"typed": typed, "errors": errors},
    )


async def questions(visit: Visit) -> Response:
    regions = await visit.regions()
    language = visit.language

    def asked(one: QuestionView) -> Cell:
        zone = regions[one.region].zone
        return instant(one.asked_at, zone, language, f"{PATH}/questions/{one.id}")

    listing = Listing(
        name="questions",
        title=text(language, "Questions of evaluators"),
        columns=[
            Column("asked_at", text(language, "Asked"), asked, sort="asked_at"),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
            Column("question", text(language, "Question"), lambda one: one.question or ""),
            Column("answer", text(language, "Answer"), lambda one: one.answer or ""),
        ],
        ask=partial(visit.services.evaluation.list_questions, await visit.caller()),
        empty=text(language, "No evaluator has asked anything."),
        filters=[
            Filter("answered", text(language, "Answered"), {"false": text(language, "No"), "true": text(language, "Yes")}),
            await region_filter(visit, "officer"),
        ],
        sort="asked_at",
    )
    said = {"answered": text(language, "The question is answered. The evaluator reads it at the score sheet.")}
    return await listed(visit, listing, said=said)


async def question(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _question_page(visit, dict(kept or ()), {})


async def answer(visit: Visit) -> Response:
    words = visit.form.get("answer")
    if not words:
        return await _question_page(visit, {}, {"answer": text(visit.language, "Write the answer")}, 422)
    question_id = visit.request.path_params["question_id"]
    try:
        await visit.services.evaluation.post_question_answer(await visit.caller(), question_id, AnswerInput(answer=words))
    except ApiProblem as problem:
        if problem.status not in (403, 409, 422):
            raise
        return await _question_page(visit, dict(visit.form), problem.fields or {FORM: problem.detail}, problem.status)
    return go(f"{PATH}/questions?done=answered")


async def _question_page(visit: Visit, typed: dict[str, Any], errors: dict[str, str], status: int = 200) -> Response:
    found = await visit.services.evaluation.get_question(await visit.caller(), visit.request.path_params["question_id"])
    await visit.at(found.region)
    return page(
        visit,
        "officer/question.html",
        status=status,
        question=found,
        zone=(await visit.region(found.region)).zone,
        form={"typed": typed, "errors": errors},
    )


def _assignment(visit: Visit) -> UUID:
    return UUID(str(visit.request.path_params["assignment_id"]))


ROUTES = [
    staff(PATH, calls, live=tasks),
    staff(f"{PATH}/questions", questions),
    staff(f"{PATH}/questions/{{question_id:uuid}}", question, answer),
    staff(f"{PATH}/{{call_id:uuid}}", evaluation, live=progress_of),
    staff("/officer/cases/{application_id:uuid}/evaluation", case, live=case_of),
    staff("/officer/assignments/{assignment_id:uuid}/replacement", replacement, replace),
    staff("/officer/assignments/{assignment_id:uuid}/reopening", reopening, reopen),
]
