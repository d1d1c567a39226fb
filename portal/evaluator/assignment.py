"""One assignment: declare, read the file, score beside it, ask, submit, and read afterwards."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

from portal.client.applications import ApplicationDetail, CallFormView, FileView, OpenCallView, QuestionView
from portal.client.base import ApiProblem
from portal.client.evaluation import AssignmentDetail, DeclarationInput, DraftInput, QuestionInput, ScoreSheetInput
from portal.evaluator import sheet
from portal.evaluator.home import PATH
from portal.kit import answers
from portal.kit.pages import go, page
from portal.kit.reader import FORM, version_in
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

TEMPLATES = {"assigned": "evaluator/declare.html", "declared": "evaluator/sheet.html", "scored": "evaluator/read.html"}
KINDS = ("employer", "owner", "family", "work-together", "provider", "other")


@dataclass(frozen=True)
class Opened:
    """`application`: None where the evaluator may not read it, before an event has arrived or after the assignment has ended."""

    assignment: AssignmentDetail
    application: ApplicationDetail | None
    form: CallFormView | None
    call: OpenCallView | None
    files: tuple[FileView, ...] = ()

    @property
    def sections(self) -> list[tuple[str, list[tuple[QuestionView, Any]]]]:
        """Title of a section → its questions with what was answered; without what is empty or may not be read."""
        if self.application is None or self.form is None or self.application.form is None:
            return []
        stored = self.application.form.model_dump(mode="json")
        found = []
        for section in self.form.sections:
            shown = [
                (question, value)
                for question in section.questions
                if (not self.application.blind or question.blind) and question.type != "file"
                for value in [sheet.answer_at(stored, question)]
                if value not in (None, "", [])
            ]
            if shown:
                found.append((section.title, shown))
        return found


async def opened(visit: Visit) -> Opened:
    caller = await visit.caller()
    assignment = await visit.services.evaluation.get_assignment(caller, visit.request.path_params["assignment"])
    await visit.at(assignment.region)
    call = (await visit.calls_by_id({assignment.call_id})).get(assignment.call_id)
    try:
        application = await visit.services.applications.get_application(caller, assignment.application_id)
    except ApiProblem as problem:
        if problem.status not in (403, 404):
            raise
        return Opened(assignment, None, None, call)
    return Opened(assignment, application, await visit.call_form(assignment.call_id), call, await _files(visit, application))


async def _files(visit: Visit, application: ApplicationDetail) -> tuple[FileView, ...]:
    """None where the evaluator does not know who applies: a file may say it."""
    if application.blind:
        return ()
    found = await visit.services.applications.list_application_files(await visit.caller(), application.id)
    return tuple(one for one in found if one.removed_at is None)


async def show(visit: Visit) -> Response:
    found = await opened(visit)
    kept = await visit.take_kept()
    if kept is not None and found.assignment.state == "declared":
        return _page(visit, found, dict(kept), {}, restored=True)
    return _page(visit, found, sheet.values_of(found.assignment.draft), {})


async def declare(visit: Visit) -> Response:
    """Without a conflict of interest the file opens; with one the application goes to another evaluator."""
    found = await opened(visit)
    chosen = visit.form.get("conflict")
    if chosen not in ("yes", "no"):
        reason = text(visit.language, "Say whether you have a conflict of interest")
        return _page(visit, found, dict(visit.form), {"conflict": reason})
    kind = visit.form.get("kind") if chosen == "yes" and visit.form.get("kind") in KINDS else None
    body = DeclarationInput(conflict=chosen == "yes", kind=kind)
    try:
        await visit.services.evaluation.post_assignment_declaration(await visit.caller(), found.assignment.id, body)
    except ApiProblem as problem:
        return _refused(visit, found, problem)
    return go("/evaluator?done=recused" if body.conflict else f"{PATH}/{found.assignment.id}?done=declared")


async def save(visit: Visit) -> Response:
    """Saves the draft, and does what the pressed button asks for: nothing more, a question to the officers, or the submission."""
    found = await opened(visit)
    typed = sheet.read(found.assignment.criteria, visit.form)
    if problem := await _keep(visit, found, typed):
        return await _changed_elsewhere(visit, problem)
    if typed.errors:
        return _page(visit, found, typed.values, typed.errors)
    if "ask" in visit.form:
        return await _ask(visit, found, typed)
    if "submit" not in visit.form:
        return go(f"{PATH}/{found.assignment.id}?done=saved")
    if visit.form.get("confirmed") != "yes":
        reason = text(visit.language, "Confirm that you submit the sheet")
        return _page(visit, found, typed.values, {"confirmed": reason})
    body = ScoreSheetInput(scores=typed.scores, justifications=typed.justifications, comment=typed.comment)
    try:
        await visit.services.evaluation.post_assignment_scores(await visit.caller(), found.assignment.id, body)
    except ApiProblem as problem:
        if problem.status not in (409, 422):
            raise
        errors = problem.fields or {FORM: problem.detail}
        return _page(visit, (await opened(visit)), typed.values, errors)
    return go(f"{PATH}/{found.assignment.id}?done=submitted")


async def autosave(visit: Visit) -> Response:
    """The draft for a script, while one types. 409: it was changed in another window."""
    found = await opened(visit)
    typed = sheet.read(found.assignment.criteria, visit.form)
    version = found.assignment.draft.version if found.assignment.draft else 0
    try:
        if await _keep(visit, found, typed):
            return JSONResponse({"conflict": True}, 409)
        version = version_in(typed.values.get("version", ""))
    except ApiProblem as problem:
        if problem.status != 422:
            raise
        typed.errors |= {FORM: problem.detail}
    said = {name: text(visit.language, reason) for name, reason in typed.errors.items()}
    return JSONResponse({"version": version, "errors": said, "totals": {"total": str(typed.total)}})


async def _ask(visit: Visit, found: Opened, typed: sheet.Typed) -> Response:
    """A question to the officers, beside the sheet that is being written."""
    words = visit.form.get("question")
    if not words:
        return _page(visit, found, typed.values, {"question": text(visit.language, "Write your question")})
    try:
        await visit.services.evaluation.post_assignment_question(await visit.caller(), found.assignment.id, QuestionInput(question=words))
    except ApiProblem as problem:
        if problem.status not in (409, 422):
            raise
        return _page(visit, found, typed.values, {"question": problem.detail})
    return go(f"{PATH}/{found.assignment.id}?done=asked#questions")


async def _keep(visit: Visit, found: Opened, typed: sheet.Typed) -> ApiProblem | None:
    """Saves the draft; what the API refuses is an error at its field, and the rest is saved. The refusal of a draft that was changed
    elsewhere. `typed.values` has the new version."""
    version = version_in(visit.form.get("version"))
    while True:
        body = DraftInput(version=version, scores=typed.scores, justifications=typed.justifications, comment=typed.comment)
        try:
            saved = await visit.services.evaluation.put_assignment_draft(await visit.caller(), found.assignment.id, body)
        except ApiProblem as problem:
            if problem.code == "sheet-changed":
                return problem
            if problem.status != 422 or not sheet.without(typed, problem.fields):
                raise
            typed.errors |= problem.fields
            continue
        typed.values["version"] = str(saved.version)
        return None


async def _changed_elsewhere(visit: Visit, problem: ApiProblem) -> Response:
    """Both versions: the stored one is shown, the typed one stands in the fields and replaces it when it is saved."""
    found = await opened(visit)
    values = {name: value for name, value in visit.form if name != "version"}
    return _page(visit, found, values, {FORM: problem.detail}, theirs=sheet.values_of(found.assignment.draft), status=409)


def _refused(visit: Visit, found: Opened, problem: ApiProblem) -> Response:
    if problem.status not in (403, 409, 422):
        raise problem
    return _page(visit, found, dict(visit.form), {FORM: problem.detail})


def _page(
    visit: Visit,
    found: Opened,
    values: dict[str, str],
    errors: dict[str, str],
    *,
    restored: bool = False,
    theirs: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    draft = found.assignment.draft
    points = [values.get(f"scores.{criterion.id}", "") for criterion in found.assignment.criteria]
    return page(
        visit,
        TEMPLATES.get(found.assignment.state, "evaluator/ended.html"),
        status=status if errors else 200,
        found=found,
        assignment=found.assignment,
        zone=found.call.zone if found.call else "UTC",
        form={"typed": values, "errors": {name: text(visit.language, reason) for name, reason in errors.items()}},
        version=values.get("version") or (draft.version if draft else 0),
        total=sum(int(each) for each in points if each.isascii() and each.isdigit()),
        typed_answer=answers.typed,
        restored=restored,
        theirs=theirs or {},
    )


_ASSIGNMENT = f"{PATH}/{{assignment:uuid}}"
ROUTES = [
    staff(_ASSIGNMENT, show, save),
    staff(f"{_ASSIGNMENT}/declaration", show, declare),
    staff(f"{_ASSIGNMENT}/autosave", None, autosave),
]
