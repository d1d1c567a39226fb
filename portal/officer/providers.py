"""Providers of a region: those to check, one with what it declares, and the decision; suspension, and its end by another officer."""

from datetime import date
from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import OfficerDeskView, ProviderApprovalInput, ProviderReasonInput, ProviderView
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.providers import COLOURS, services, states
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.regions import region_name
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit

PATH = "/officer/providers"
SERVICE = "service-"
REFUSALS = (403, 409, 422)
REASON_NEEDED = _("Say why. The provider reads it")
DAY_NEEDED = _("Enter the first day of the approval")
LAST_DAY_WRONG = _("Enter the last day of the approval, or leave it empty")
DECISION_NEEDED = _("Choose what you decide")
STEPS = {"in-check": ("approve", "refuse"), "approved": ("suspend",), "suspended": ("resume",)}
"""State → what an officer may do. The service decides whether this officer may."""


def tasks(visit: Visit, desk: OfficerDeskView) -> list[Task]:
    """What waits for officers here."""
    return [Task(text(visit.language, "Providers to check"), desk.providers.count, f"{PATH}?state=applied", desk.providers.exact)]


async def providers(visit: Visit) -> Response:
    regions, language = await visit.regions(), visit.language
    listing = Listing(
        name="provider-registrations",
        title=text(language, "Providers"),
        columns=_columns(language, regions),
        ask=partial(visit.services.payments.list_provider_registrations, await visit.caller()),
        empty=text(language, "No organisation has registered as a provider yet. Tell them of the page Providers, where they can."),
        filters=[Filter("state", text(language, "State"), states(language)), await region_filter(visit, "officer")],
        sort="applied_at",
    )
    return await listed(visit, listing)


def _columns(language: str, regions: Regions) -> list[Column[ProviderView]]:
    kinds = services(language)

    def name(one: ProviderView) -> Cell:
        return Cell(one.name or text(language, "Erased"), f"{PATH}/{one.provider_id}")

    return [
        Column("name", text(language, "Name"), name),
        Column("applied_at", text(language, "Registered"), lambda one: instant(one.applied_at, regions[one.region].zone, language),
               sort="applied_at"),
        Column("services", text(language, "Services"), lambda one: ", ".join(kinds.get(kind, kind) for kind in one.services)),
        Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
    ]  # fmt: skip


async def show(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def act(visit: Visit) -> Response:
    """The step that the form names. What was typed comes back where it is refused."""
    reader, payments, step = Reader(visit.form, visit.language), visit.services.payments, visit.form.get("step")
    if step not in ("check", "approve", "refuse", "suspend", "resume"):
        reader.errors["step"] = text(visit.language, DECISION_NEEDED)
        return await _page(visit, reader)
    body: Any = None
    if step == "approve":
        body = _approval(reader)
    elif step != "check":
        reason = reader.line("reason", REASON_NEEDED)
        body = ProviderReasonInput(reason=reason) if reason else None
    if reader.errors:
        return await _page(visit, reader)
    route: Any = {
        "check": payments.post_provider_registration_check, "approve": payments.post_provider_registration_approval,
        "refuse": payments.post_provider_registration_refusal, "suspend": payments.post_provider_registration_suspension,
        "resume": payments.post_provider_registration_resumption,
    }[step]  # fmt: skip
    try:
        await route(await visit.caller(), _id(visit), *([] if body is None else [body]))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        if problem.status == 403:
            reader.errors = {FORM: problem.detail}
        return await _page(visit, reader)
    return go(f"{PATH}/{_id(visit)}?done={step}")


def _approval(reader: Reader) -> ProviderApprovalInput | None:
    chosen: list[Any] = [kind for kind in services(reader.language) if reader.typed.get(SERVICE + kind) == "yes"]
    since = reader.day("since", DAY_NEEDED)
    until = reader.day("until", LAST_DAY_WRONG, optional=True)
    if not chosen:
        reader.errors["services"] = text(reader.language, "Choose at least one service for which the provider is approved")
    if reader.errors:
        return None
    return ProviderApprovalInput(services=chosen, since=since or date.min, until=until)


async def _page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    one = await visit.services.payments.get_provider_registration(await visit.caller(), _id(visit))
    await visit.at(one.region)
    names, region = await named(visit, [step.actor for step in one.history if step.actor]), await visit.region(one.region)
    if not reader.typed:
        reader.typed |= {SERVICE + kind: "yes" for kind in one.services}
    return page(
        visit, "officer/provider.html", status=422 if reader.errors else 200, one=one, form=reader, restored=restored,
        kinds=services(visit.language), states=states(visit.language), colours=COLOURS, who=names.by, prefix=SERVICE,
        region=region_name(await visit.regions(), one.region, visit.language), zone=region.zone, steps=STEPS.get(one.state, ()),
    )  # fmt: skip


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["provider_id"])


ROUTES = [staff(PATH, providers), staff(PATH + "/{provider_id:uuid}", show, act)]
