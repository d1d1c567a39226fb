"""Lines of own hours in a draft of a claim: a person's function, the days of the work, the hours, and their timesheet."""

from starlette.responses import Response

from portal.applicant.claim_lines import line_id_of, line_page, send_file, to_document
from portal.applicant.claims import DRAFT, REFUSALS, read_draft
from portal.client.base import ApiProblem
from portal.client.payments import ClaimDraftView, ClaimHoursInput, LineView
from portal.kit.formats import hours
from portal.kit.pages import go
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.visit import Visit
from shared.kernel.ids import new_id

TIMESHEET = "timesheet"
PLACES = {"hours_hundredths": "hours"}


async def begin(visit: Visit) -> Response:
    return go(f"/claim-drafts/{visit.request.path_params['draft_id']}/hours/{new_id()}")


async def edit(visit: Visit) -> Response:
    draft = await read_draft(visit)
    line, kept = _line_of(draft, visit), await visit.take_kept()
    return _page(visit, draft, line, Reader(kept or _typed(line, visit.language).items(), visit.language), restored=kept is not None)


async def save(visit: Visit) -> Response:
    draft, reader = await read_draft(visit), Reader(visit.form, visit.language)
    function = reader.line("function", _("Enter what the person does, for example designer"))
    first = reader.day("worked_from", _("Enter the first day of the work"))
    last = reader.day("worked_to", _("Enter the last day of the work"))
    worked = reader.hundredths("hours", _("Enter the hours, for example 37.5"))
    if not reader.errors and first and last:
        body = ClaimHoursInput(function=function, worked_from=first, worked_to=last, hours_hundredths=worked)
        try:
            await visit.services.payments.put_claim_draft_hours(await visit.caller(), draft.draft_id, line_id_of(visit), body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem, PLACES)
        else:
            return go(f"{visit.request.url.path}?done=saved#documents")
    return _page(visit, draft, _line_of(draft, visit), reader)


async def give(visit: Visit) -> Response:
    """The timesheet. `key`: of the page, so that a double click gives it once."""
    draft = await read_draft(visit)
    line = to_document(visit, _line_of(draft, visit))
    wrong = await send_file(visit, TIMESHEET)
    if not wrong:
        return go(f"/claim-drafts/{draft.draft_id}/hours/{line.line_id}?done=stored#documents")
    draft = await read_draft(visit)
    return _page(visit, draft, _line_of(draft, visit), Reader(_typed(line, visit.language).items(), visit.language), wrong=wrong)


def _typed(line: LineView | None, language: str) -> dict[str, str]:
    if line is None:
        return {}
    days = {"worked_from": str(line.worked_from or ""), "worked_to": str(line.issued_on)}
    return {"function": line.function or "", "hours": hours(line.hours_hundredths or 0, language), **days}


def _page(visit: Visit, draft: ClaimDraftView, line: LineView | None, form: Reader, *, restored: bool = False, wrong: str = "") -> Response:
    return line_page(visit, "applicant/claim-hours.html", draft, line, form, restored=restored, wrong=wrong)


def _line_of(draft: ClaimDraftView, visit: Visit) -> LineView | None:
    line = next((line for line in draft.lines if line.line_id == line_id_of(visit)), None)
    if not draft.editable or draft.own_hours is None or (line is not None and line.hours_hundredths is None):
        raise ApiProblem(404, {"code": "unknown-draft"})
    return line


HOURS = DRAFT + "/hours/{line_id:uuid}"
ROUTES = [personal(DRAFT + "/hours/new", begin), personal(HOURS, edit, save), personal(HOURS + "/files", None, give)]
