"""An application: filled in section by section, checked, sent, corrected, withdrawn."""

from typing import Any, NamedTuple

from starlette.responses import JSONResponse, Response, StreamingResponse

from portal.applicant.invitations import invitations, sent_until
from portal.applicant.waiting import result_of
from portal.client.applications import (
    ApplicationDetail,
    CallFormView,
    EligibilityView,
    FormSectionView,
    OpenCallDetail,
    QuestionView,
    Reason,
    SectionInput,
    SectionView,
)
from portal.client.base import ApiProblem
from portal.kit import answers
from portal.kit.forms import Form
from portal.kit.pages import go, page, part
from portal.kit.reader import FORM, version_in
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit

WRITABLE = ("draft", "returned")
PANELS = {"costs.requested_minor": "costs", "de_minimis.aid": "aid"}
"""Question → what is shown of the sums in the section that asks it."""


class ToCorrect(NamedTuple):
    """A question or part that the region wants corrected: its label, where it is, and the region's words for it."""

    label: str
    address: str
    words: str | None


async def show(visit: Visit) -> Response:
    """The task list of what is written, the story of what was sent."""
    caller, applications = await visit.caller(), visit.services.applications
    found = await applications.get_application(caller, identity_of(visit))
    await visit.at(found.region)
    form = await visit.call_form(found.call_id)
    sections = await applications.list_application_sections(caller, found.id)
    call = await _call_of(visit, found)
    titles = {section.key: section.title for section in form.sections}
    versions = [] if found.state == "draft" else await applications.list_application_versions(caller, found.id)
    template = "applicant/tasks.html" if found.state in WRITABLE else "applicant/sent.html"
    asked = files_asked(form, sections)
    files = [one for one in await applications.list_application_files(caller, found.id) if one.removed_at is None] if asked else []
    return page(
        visit, template, application=found, sections=sections, titles=titles, call=call, form=form, versions=versions,
        file_questions=asked, files=files, corrections=to_correct(found, form),
        result=await result_of(visit, found, call) if found.decision is None else None, until=await sent_until(visit, found, call),
        invited=[one for one in await invitations(visit) if one.expression_id == found.id] if found.decision == "invited" else [],
    )  # fmt: skip


async def section(visit: Visit) -> Response:
    shown = await _Section.load(visit)
    if shown.application.state not in WRITABLE:
        return go(f"/applications/{shown.application.id}")
    kept = await visit.take_kept()
    return await shown.page(visit, kept, {}, restored=kept is not None)


async def save(visit: Visit) -> Response:
    """Saves what was changed, and goes on. `more`: to the same section again, with more rows. A contradiction that was just saved is said
    once, then it is left to the person."""
    shown = await _Section.load(visit)
    errors, problem = await shown.save(visit)
    if problem is not None:
        return await (await _Section.load(visit)).page(visit, visit.form, {}, conflict=problem)
    if errors or (shown.read and shown.at_odds(visit, await shown.look(visit))):
        return await shown.page(visit, visit.form, errors)
    if "more" in visit.form:
        return go(visit.request.url.path)
    return go(f"/applications/{shown.application.id}?done=saved")


async def autosave(visit: Visit) -> Response:
    """The same for a script, while one types; says too what of the saved answers contradicts another one. 409: somebody else changed the
    same answer; the page shows both when it is saved."""
    shown = await _Section.load(visit)
    errors, problem = await shown.save(visit)
    if problem is not None:
        return JSONResponse({"conflict": True}, 409)
    now = await shown.look(visit)
    was = {question.id: answers.digest(now.answers.get(question.id)) for question in shown.section.questions}
    totals = answers.totals(shown.section.questions, now.answers | shown.read, shown.form.currency, visit.language)
    said = {name: text(visit.language, reason) for name, reason in errors.items()}
    remarks = shown.at_odds(visit, now)
    panels = {name: part(visit, f"applicant/{name}.html", rules=rules) for name, rules in (await shown.panels(visit)).items()}
    return JSONResponse(
        {"version": now.version, "was": was, "asked": now.asked, "totals": totals, "errors": said, "remarks": remarks, "panels": panels}
    )


async def check(visit: Visit) -> Response:
    """All that is missing, with links; then the declaration."""
    return await _check_page(visit, None)


async def submit(visit: Visit) -> Response:
    if visit.form.get("declared") != "yes":
        return await _check_page(visit, {"declared": text(visit.language, "Confirm that the answers are true")})
    caller = await visit.caller()
    try:
        await visit.services.applications.post_application_submission(caller, identity_of(visit))
    except ApiProblem as problem:
        if problem.status not in (409, 422):
            raise
        return await _check_page(visit, {next(iter(problem.fields), FORM): problem.detail})
    return go(f"/applications/{identity_of(visit)}?done=sent")


async def receipt(visit: Visit) -> Response:
    """The whole copy of what was sent last, as PDF."""
    found = await visit.services.applications.get_application_receipt(await visit.caller(), identity_of(visit))
    return StreamingResponse(found.content, headers=found.headers)


async def leave(visit: Visit) -> Response:
    """What follows from a withdrawal, asked once."""
    found = await visit.services.applications.get_application(await visit.caller(), identity_of(visit))
    await visit.at(found.region)
    return page(visit, "applicant/withdraw.html", application=found, problem=None)


async def withdraw(visit: Visit) -> Response:
    caller = await visit.caller()
    try:
        await visit.services.applications.post_application_withdrawal(caller, identity_of(visit), Reason(reason="by-applicant"))
    except ApiProblem as problem:
        if problem.status not in (409, 422):
            raise
        found = await visit.services.applications.get_application(caller, identity_of(visit))
        await visit.at(found.region)
        return page(visit, "applicant/withdraw.html", status=problem.status, application=found, problem=problem)
    return go("/home?done=withdrawn")


class _Section:
    """One section of one application: its questions, its answers, and what of it may be changed."""

    def __init__(self, application: ApplicationDetail, form: CallFormView, section: FormSectionView) -> None:
        self.application, self.form, self.section = application, form, section
        self.read: dict[str, Any] = {}
        self._saved: SectionView | None = None

    @classmethod
    async def load(cls, visit: Visit) -> "_Section":
        found = await visit.services.applications.get_application(await visit.caller(), identity_of(visit))
        await visit.at(found.region)
        form = await visit.call_form(found.call_id)
        key = visit.request.path_params["section"]
        section = next((one for one in form.sections if one.key == key), None)
        if section is None:
            raise ApiProblem(404, {"code": "unknown-section"})
        return cls(found, form, section)

    async def look(self, visit: Visit) -> SectionView:
        """Its answers as the last save left them, or as they are now."""
        if self._saved is not None:
            return self._saved
        views = await visit.services.applications.list_application_sections(await visit.caller(), self.application.id)
        return next(view for view in views if view.section == self.section.key)

    async def save(self, visit: Visit) -> tuple[dict[str, str], ApiProblem | None]:
        """Saves the answers that differ from those the page was loaded with. Field → what is wrong, `FORM` when nothing can be saved any
        more; and the refusal of a save because somebody else changed the same answer."""
        errors: dict[str, str] = {}
        changed: dict[str, Any] = {}
        for question in self.section.questions:
            if not may_change(self.application, question.id) and not answers.is_sent(question, visit.form):
                continue  # a browser sends nothing of fields that cannot be changed
            value, wrong = answers.read(question, visit.form, self.form.currency, visit.language)
            errors |= wrong
            if not wrong and question.type != "file" and answers.digest(value) != visit.form.get(f"was:{question.id}"):
                changed[question.id] = value
        self.read |= changed
        while changed:
            try:
                self._saved = await self._send(visit, changed)
                break
            except ApiProblem as problem:
                if problem.code == "section-changed":
                    return errors, problem
                if problem.status not in (409, 422):
                    raise
                refused = self._refused(visit, problem, changed)
                whole = text(visit.language, "What you typed is still here, but it is not saved. %(reason)s") % {"reason": problem.detail}
                errors |= {field: reason for faults in refused.values() for field, reason in faults.items()} or {FORM: whole}
                changed = {name: value for name, value in changed.items() if name not in refused} if refused else {}
        return errors, None

    def _refused(self, visit: Visit, problem: ApiProblem, changed: dict[str, Any]) -> dict[str, dict[str, str]]:
        """Question → field → reason, of the answers that were sent; the others are saved without them."""
        refused: dict[str, dict[str, str]] = {}
        for path, reason in problem.fields.items():
            named = path.removeprefix("answers.")
            question = next((one for one in self.section.questions if one.id in changed and _is_within(named, one.id)), None)
            if question is not None:
                refused.setdefault(question.id, {})[answers.field_of(question, named, visit.form)] = reason
        return refused

    def at_odds(self, visit: Visit, view: SectionView) -> dict[str, str]:
        """Field → how the answer that is saved contradicts another one. What is only missing is said at the check."""
        questions = {one.id: one for one in self.section.questions}
        return {
            answers.field_of(questions[one.question], one.place, visit.form): one.text
            for one in view.problems
            if one.code != "missing" and one.question in questions
        }

    def _in_order(self, errors: dict[str, str]) -> dict[str, str]:
        """As the questions stand on the page."""
        ids = [one.id for one in self.section.questions]
        places = {field: next((place for place, one in enumerate(ids) if answers.is_field_of(one, field)), len(ids)) for field in errors}
        return dict(sorted(errors.items(), key=lambda one: places[one[0]]))

    async def panels(self, visit: Visit) -> dict[str, EligibilityView]:
        """What is shown of sums in this section → how the rules see the answers that are saved."""
        names = [name for question, name in PANELS.items() if any(one.id == question for one in self.section.questions)]
        if not names:
            return {}
        return dict.fromkeys(
            names, await visit.services.applications.get_application_eligibility(await visit.caller(), self.application.id)
        )

    async def _send(self, visit: Visit, changed: dict[str, Any]) -> SectionView:
        body = SectionInput(version=version_in(visit.form.get("version")), answers=changed)
        caller = await visit.caller()
        return await visit.services.applications.patch_application_section(caller, self.application.id, self.section.key, body)

    async def page(
        self, visit: Visit, given: Form | None, errors: dict[str, str], *, conflict: ApiProblem | None = None, restored: bool = False
    ) -> Response:
        """`given`: what was typed and is not saved; None: what is saved."""
        typed: dict[str, Any] = {}
        view = await self.look(visit)
        for question in self.section.questions:
            typed |= answers.typed(question, view.answers.get(question.id), self.form.currency, visit.language)
        if given is not None:
            typed |= dict(given)
            typed |= {question.id: given.all(question.id) for question in self.section.questions if question.type == "choices"}
        panels, at_odds = await self.panels(visit), self.at_odds(visit, view)
        theirs = (conflict.facts.get("theirs") or {}) if conflict else {}
        return page(
            visit,
            "applicant/section.html",
            status=409 if conflict else 422 if errors or (given and at_odds) else 200,
            application=self.application,
            form=self.form,
            section=self.section,
            view=view,
            answer_form={
                "typed": typed,
                "hits": answers.choices(self.section.questions, typed, visit.language),
                "errors": self._in_order(at_odds | {name: text(visit.language, reason) for name, reason in errors.items()}),
            },
            was={question.id: answers.digest(view.answers.get(question.id)) for question in self.section.questions},
            rows={question.id: answers.rows(question, typed) for question in self.section.questions if question.type == "table"},
            totals=answers.totals(self.section.questions, view.answers | self.read, self.form.currency, visit.language),
            theirs={
                question.id: answers.typed(question, theirs[question.id], self.form.currency, visit.language)
                for question in self.section.questions
                if question.id in theirs
            },
            restored=restored,
            panels=list(panels),
            rules=next(iter(panels.values()), None),
            may_change=lambda question: may_change(self.application, question),
            words_for=lambda question: words_for(self.application, question),
            parts=answers.PARTS,
        )


async def _check_page(visit: Visit, errors: dict[str, str] | None) -> Response:
    """`errors`: field of the page, or question → what is wrong."""
    caller, applications = await visit.caller(), visit.services.applications
    found = await applications.get_application(caller, identity_of(visit))
    await visit.at(found.region)
    if found.state not in WRITABLE:
        return go(f"/applications/{found.id}")
    form = await visit.call_form(found.call_id)
    sections = await applications.list_application_sections(caller, found.id)
    rules = await applications.get_application_eligibility(caller, found.id)
    return page(
        visit,
        "applicant/check.html",
        status=422 if errors else 200,
        application=found,
        call=await _call_of(visit, found),
        sections=sections,
        titles={section.key: section.title for section in form.sections},
        labels={question.id: question.label for section in form.sections for question in section.questions},
        file_questions=[one.id for one in files_asked(form, sections)],
        rules=rules,
        form={"typed": {}, "errors": {_address_of(found, form, name) or name: reason for name, reason in (errors or {}).items()}},
    )


async def _call_of(visit: Visit, application: ApplicationDetail) -> OpenCallDetail:
    """The call as everybody reads it."""
    call = await visit.services.applications.get_call(await visit.caller(), application.call_id)
    return await visit.services.applications.get_open_call(visit.anybody, call.number)


def files_asked(form: CallFormView, sections: list[SectionView]) -> list[QuestionView]:
    """The questions for files that are asked."""
    asked = {name for section in sections for name in section.asked}
    return [one for section in form.sections for one in section.questions if one.type == "file" and one.id in asked]


def words_for(application: ApplicationDetail, question: str) -> list[str]:
    """What the region asks for at the question, or at the part that it belongs to."""
    return [words for field, words in application.return_words.items() if _is_within(question, field)]


def to_correct(application: ApplicationDetail, form: CallFormView) -> list[ToCorrect]:
    """What an application was returned for, in the order in which the officer named it."""
    found = []
    for field in application.returned_fields:
        inside = [(section, one) for section in form.sections for one in section.questions if _is_within(one.id, field)]
        if inside:
            section, first = inside[0]
            label = first.label if len(inside) == 1 else section.title
            found.append(ToCorrect(label, _address_of(application, form, first.id), application.return_words.get(field)))
    return found


def _address_of(application: ApplicationDetail, form: CallFormView, question: str) -> str:
    """Where the question is answered; empty when the form has none of this id."""
    for section in form.sections:
        for one in section.questions:
            if one.id == question:
                page = "files" if one.type == "file" else f"sections/{section.key}"
                return f"/applications/{application.id}/{page}#{question}"
    return ""


def may_change(application: ApplicationDetail, question: str) -> bool:
    """In a returned application only what it was returned for, and what has to agree with that."""
    fields = application.returned_fields
    if application.state == "draft" or not fields:
        return application.state in WRITABLE
    named = any(_is_within(question, field) for field in fields) or question in application.mendable_fields
    return application.state in WRITABLE and named


def _is_within(question: str, field: str) -> bool:
    return question == field or question.startswith(field + ".")


def identity_of(visit: Visit) -> str:
    return str(visit.request.path_params["application_id"])


APPLICATION = "/applications/{application_id:uuid}"
ROUTES = [
    personal(APPLICATION, show, live=show),
    personal(APPLICATION + "/sections/{section}", section, save),
    personal(APPLICATION + "/sections/{section}/autosave", change=autosave),
    personal(APPLICATION + "/submission", check, submit),
    personal(APPLICATION + "/receipt", receipt),
    personal(APPLICATION + "/withdrawal", leave, withdraw),
]
