"""An application is begun, with what the profile of the organisation says."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.client.applications import ApplicationDetail, ApplicationInput, CallFormView, OpenCallDetail, SectionInput
from portal.client.applications import Form as EmptyForm
from portal.client.base import ApiProblem
from portal.client.people import OrganisationView
from portal.kit import answers
from portal.kit.pages import go, page
from portal.kit.reader import call_number
from portal.kit.routing import personal
from portal.kit.visit import Visit
from shared.kernel.ids import new_id


async def begin(visit: Visit) -> Response:
    """`call`: its number. Says for whom the application is and what is taken over from the profile."""
    return await _begin_page(visit, await _asked_call(visit), None)


async def make(visit: Visit) -> Response:
    """A draft with what the profile says. `key`: of the page, so that a double click makes one draft."""
    call, caller, applications = await _asked_call(visit), await visit.caller(), visit.services.applications
    try:
        draft = await applications.post_application(caller, ApplicationInput(call_id=call.id, form=EmptyForm()), visit.form.get("key"))
    except ApiProblem as problem:
        if problem.status not in (403, 409, 422):
            raise
        return await _begin_page(visit, call, problem)
    if visit.person.organisation is not None:
        await _take_over_profile(visit, draft, visit.person.organisation, await visit.call_form(call.id))
    return go(f"/applications/{draft.id}")


async def _begin_page(visit: Visit, call: OpenCallDetail, problem: ApiProblem | None) -> Response:
    await visit.at(call.region)
    me = await visit.services.people.get_me(await visit.caller())
    acting = next((one for one in me.organisations if one.id == visit.person.organisation), None)
    status = problem.status if problem else 200
    return page(visit, "applicant/begin.html", status=status, call=call, me=me, acting=acting, key=str(new_id()), problem=problem)


async def _asked_call(visit: Visit) -> OpenCallDetail:
    number = call_number(visit.request.query_params.get("call", ""))
    return await visit.services.applications.get_open_call(visit.anybody, number)


async def _take_over_profile(visit: Visit, draft: ApplicationDetail, organisation: UUID, form: CallFormView) -> None:
    """What is known of the firm and the person is written into the draft, but over no answer of the expression of interest that it begins
    with; they see it there and may change it."""
    caller = await visit.caller()
    known = _known(
        await visit.services.people.get_organisation(caller, organisation), (await visit.services.people.get_me(caller)).email, form, visit
    )
    views = {view.section: view for view in await visit.services.applications.list_application_sections(caller, draft.id)}
    for one in form.sections:
        has = views[one.key].answers
        if found := {name: value for name, value in answers.from_profile(one.questions, known).items() if name not in has}:
            body = SectionInput(version=views[one.key].version, answers=found)
            try:
                await visit.services.applications.patch_application_section(caller, draft.id, one.key, body)
            except ApiProblem as problem:
                if problem.status != 422:
                    raise  # an answer of the profile that this form does not take is typed by the person


def _known(organisation: OrganisationView, email: str | None, form: CallFormView, visit: Visit) -> dict[str, Any]:
    known: dict[str, Any] = {
        "language": visit.language, "applicant.name": organisation.name, "applicant.tax_number": organisation.tax_number,
        "applicant.email": email, "applicant.nuts": organisation.nuts, "applicant.activity_code": organisation.activity_code,
        "costs.currency": form.currency,
    }  # fmt: skip
    if organisation.seat:
        known |= {f"applicant.{name}": getattr(organisation.seat, name) for name in ("street", "postcode", "town", "country")}
    if organisation.size:
        hundredths = round(organisation.size.staff * 100)
        known["firm.staff_hundredths"] = hundredths
        known["firm.staff"] = None if hundredths % 100 else hundredths // 100  # an older form takes whole units
        if organisation.size.currency == form.currency:
            known |= {"firm.turnover_minor": organisation.size.turnover_minor, "firm.balance_minor": organisation.size.balance_minor}
    return known


ROUTES = [personal("/applications/new", begin, make)]
