"""The report at the end of a project: written in parts, sent once the voucher is settled."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from portal.applicant.vouchers import REFUSALS, confirm_page, id_of, voucher_of
from portal.client.base import ApiProblem
from portal.client.vouchers import ReportInput, ReportView
from portal.kit import answers
from portal.kit.forms import Form
from portal.kit.pages import go, page
from portal.kit.reader import FORM, Reader, version_in
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.kit.vouchers import questions_of, title_of

MISSING = _("Answer this question")
ANSWERS = "answers."
"""What stands before the id of a question in a refusal of the API."""


async def report(visit: Visit) -> Response:
    """The questions while it is written, the answers once it is sent."""
    kept = await visit.take_kept()
    return await _page(visit, await _read(visit), kept, {}, restored=kept is not None)


async def save(visit: Visit) -> Response:
    """What can be read is saved. `send`: goes on to the question whether it is to be sent."""
    found = await _read(visit)
    given, errors = _answers(visit, found)
    if not errors:
        body = ReportInput(version=version_in(visit.form.get("version")), answers=given)
        try:
            await visit.services.vouchers.put_voucher_report(await visit.caller(), id_of(visit), body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            errors = {path.removeprefix(ANSWERS): reason for path, reason in problem.fields.items() if path.startswith(ANSWERS)}
            errors = errors or {FORM: problem.detail}
            found = await _read(visit)  # of the new version, so that a second try is of what is there now
    if errors:
        return await _page(visit, found, visit.form, errors)
    place = f"/vouchers/{id_of(visit)}/report"
    return go(f"{place}/sending" if "send" in visit.form else f"{place}?done=saved")


async def ask_to_send(visit: Visit) -> Response:
    return await _sending_page(visit, Reader((), visit.language))


async def send(visit: Visit) -> Response:
    """What has no answer is shown at its question."""
    try:
        await visit.services.vouchers.post_voucher_report_submission(await visit.caller(), id_of(visit))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        if problem.code == "report-incomplete":
            found = await _read(visit)
            labels = {question.id: question.label for section in found.sections for question in section.questions}
            words = {name: f"{text(visit.language, MISSING)}: {labels.get(name, '')}" for name in found.missing}
            return await _page(visit, found, None, words)
        reader = Reader((), visit.language)
        reader.errors[FORM] = problem.detail
        return await _sending_page(visit, reader, problem.status)
    return go(f"/vouchers/{id_of(visit)}/report?done=sent")


async def _sending_page(visit: Visit, reader: Reader, status: int = 200) -> Response:
    language = visit.language
    await voucher_of(visit)
    follows = [
        text(language, "After that you can no longer change it."),
        text(language, "Officers of the region read it. Figures of it enter the programme's reports, without your name."),
    ]
    return confirm_page(
        visit, reader, status, title=text(language, "Send the report"), follows=follows, button=text(language, "Send it"),
        back=f"/vouchers/{id_of(visit)}/report",
    )  # fmt: skip


async def _read(visit: Visit) -> ReportView:
    return await visit.services.vouchers.get_voucher_report(await visit.caller(), id_of(visit))


def _answers(visit: Visit, found: ReportView) -> tuple[dict[str, Any], dict[str, str]]:
    """Question → answer, None for none; and field → what cannot be read."""
    given: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for question in questions_of(found):
        value, wrong = answers.read(question, visit.form, "EUR", visit.language)  # there are no amounts
        given[question.id] = value
        errors |= {name: text(visit.language, reason) for name, reason in wrong.items()}
    return given, errors


async def _page(visit: Visit, found: ReportView, given: Form | None, errors: Mapping[str, str], *, restored: bool = False) -> Response:
    voucher, questions = await voucher_of(visit), questions_of(found)
    typed: answers.Typed = {}
    for question in questions:
        typed |= answers.typed(question, (found.answers or {}).get(question.id), voucher.currency, visit.language)
    if given is not None:
        typed |= dict(given)
        typed |= {question.id: given.all(question.id) for question in questions if question.type == "choices"}
    return page(
        visit, "applicant/report.html", status=422 if errors else 200, voucher=voucher, report=found, restored=restored,
        questions={question.id: question for question in questions}, form={"typed": typed, "errors": errors},
        name=await title_of(visit, voucher), parts=answers.PARTS,
    )  # fmt: skip


ROUTES = [
    personal("/vouchers/{voucher_id:uuid}/report", report, save),
    personal("/vouchers/{voucher_id:uuid}/report/sending", ask_to_send, send),
]
