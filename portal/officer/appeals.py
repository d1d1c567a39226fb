"""Appeals: the list of them, and the decision by an officer who took no part."""

from functools import partial

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.evaluation import AppealDecisionInput, AppealView
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.pages import go, page
from portal.kit.reader import FORM
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.officer.names import rule_name, title_of
from shared.texts.languages import in_language

PATH = "/officer/appeals"
COLOURS = {"lodged": "yellow", "dismissed": "grey", "upheld": "blue", "settled": "green", "withdrawn": "grey"}
DECISIONS = ("dismiss", "same-evaluators", "other-evaluators")


def states(language: str) -> dict[str, str]:
    """State of an appeal → its name."""
    return {
        "lodged": text(language, "To be decided"),
        "dismissed": text(language, "Dismissed"),
        "upheld": text(language, "Upheld: scored again"),
        "settled": text(language, "Upheld: the list is revised"),
        "withdrawn": text(language, "Withdrawn"),
    }


async def appeals(visit: Visit) -> Response:
    regions = await visit.regions()
    listing = Listing(
        name="appeals",
        title=text(visit.language, "Appeals"),
        columns=_columns(visit.language, regions),
        ask=partial(visit.services.evaluation.list_appeals, await visit.caller()),
        empty=text(visit.language, "There is no appeal. Applicants may lodge one after a list is approved, within the term of the scheme."),
        filters=[
            Filter("state", text(visit.language, "State"), states(visit.language)),
            await region_filter(visit, "officer"),
        ],
        sort="lodged_at",
    )
    return await listed(visit, listing, "officer/appeals.html")


def _columns(language: str, regions: Regions) -> list[Column[AppealView]]:
    def lodged(one: AppealView) -> Cell:
        zone = regions[one.region].zone
        return instant(one.lodged_at, zone, language, f"{PATH}/{one.id}")

    def region(one: AppealView) -> str:
        return in_language(regions[one.region].names, language)

    return [
        Column("lodged_at", text(language, "Lodged"), lodged, sort="lodged_at"),
        Column("region", text(language, "Region"), region),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
    ]


async def appeal(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _page(visit, dict(kept or ()), {}, restored=kept is not None)


async def decide(visit: Visit) -> Response:
    chosen, reasons = visit.form.get("decision"), visit.form.get("reasons")
    errors = {} if chosen in DECISIONS else {"decision": text(visit.language, "Say how you decide")}
    if not reasons:
        errors["reasons"] = text(visit.language, "Give the reasons; the applicant reads them")
    if errors:
        return await _page(visit, dict(visit.form), errors)
    body = AppealDecisionInput.model_validate({"reasons": reasons, "rescoring": None if chosen == "dismiss" else chosen})
    appeal_id = visit.request.path_params["appeal_id"]
    try:
        await visit.services.evaluation.post_appeal_decision(await visit.caller(), appeal_id, body)
    except ApiProblem as problem:
        if problem.status not in (403, 409, 422):
            raise
        return await _page(visit, dict(visit.form), problem.fields or {FORM: problem.detail}, status=problem.status)
    return go(f"{PATH}/{appeal_id}?done=decided")


async def _page(visit: Visit, typed: dict[str, str], errors: dict[str, str], *, restored: bool = False, status: int = 422) -> Response:
    caller = await visit.caller()
    found = await visit.services.evaluation.get_appeal(caller, visit.request.path_params["appeal_id"])
    await visit.at(found.region)
    case = await visit.services.evaluation.get_case(caller, found.application_id)
    application = await visit.services.applications.get_application(caller, found.application_id)
    call = (await visit.calls_by_id({found.call_id})).get(found.call_id)
    return page(
        visit,
        "officer/appeal.html",
        status=status if errors else 200,
        appeal=found,
        case=case,
        title=title_of(application.title, application.sequence, visit.language),
        call=call,
        zone=call.zone if call else "UTC",
        state=states(visit.language)[found.state],
        colour=COLOURS[found.state],
        rule_name=lambda rule: rule_name(rule, visit.language),
        form={"typed": typed, "errors": errors},
        restored=restored,
    )


ROUTES = [staff(PATH, appeals), staff(f"{PATH}/{{appeal_id:uuid}}", appeal, decide)]
