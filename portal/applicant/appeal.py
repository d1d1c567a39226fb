"""The result of an application in the list, and the appeal against it."""

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.evaluation import AppealInput, ResultView
from portal.kit.pages import go, page
from portal.kit.reader import FORM
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit


async def appeal(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _page(visit, dict(kept or ()), {}, restored=kept is not None)


async def lodge(visit: Visit) -> Response:
    grounds = visit.form.get("grounds")
    errors = {} if grounds else {"grounds": text(visit.language, "Say what you object to, and why")}
    if not errors and visit.form.get("confirmed") != "yes":
        errors = {"confirmed": text(visit.language, "Confirm that the appeal is complete")}
    if errors:
        return await _page(visit, dict(visit.form), errors)
    application_id = visit.request.path_params["application_id"]
    try:
        await visit.services.evaluation.post_case_appeal(await visit.caller(), application_id, AppealInput(grounds=grounds))
    except ApiProblem as problem:
        if problem.status not in (403, 409, 422):
            raise
        return await _page(visit, dict(visit.form), problem.fields or {FORM: problem.detail}, status=problem.status)
    return go(f"/applications/{application_id}/appeal?done=lodged")


async def _page(visit: Visit, typed: dict[str, str], errors: dict[str, str], *, restored: bool = False, status: int = 422) -> Response:
    caller, application_id = await visit.caller(), visit.request.path_params["application_id"]
    application = await visit.services.applications.get_application(caller, application_id)
    await visit.at(application.region)
    call = (await visit.calls_by_id({application.call_id})).get(application.call_id)
    return page(
        visit,
        "applicant/appeal.html",
        status=status if errors else 200,
        application=application,
        call=call,
        zone=call.zone if call else "UTC",
        result=await _result(visit),
        form={"typed": typed, "errors": errors},
        restored=restored,
    )


async def _result(visit: Visit) -> ResultView | None:
    """None for an application that is not evaluated, or not yet."""
    try:
        return await visit.services.evaluation.get_case_result(await visit.caller(), visit.request.path_params["application_id"])
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return None


ROUTES = [personal("/applications/{application_id:uuid}/appeal", appeal, lodge)]
