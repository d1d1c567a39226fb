"""A registration as a provider: the form, its state in words with its history, and how it is withdrawn."""

import re
from datetime import date

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import JointWorkInput, ProviderDetail, ProviderSeatInput, RegistrationInput
from portal.kit.order import by_name
from portal.kit.pages import go, page
from portal.kit.providers import COLOURS, sentence, services, states
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.texts.languages import in_language

REFUSALS = (409, 422)
COUNTRIES = ("BE", "DK", "GR", "HR", "PL")
SERVICE = "service-"
"""Before the code of a service: the name of its box."""
SEAT = ("street", "postcode", "town")
SERVICE_NEEDED = _("Choose at least one service that you offer")
OWNER_NEEDED = _("Enter who owns the organisation, one name a line")
WORK_WRONG = _("Write each firm on a line: its tax number, then the last day, for example HR12345678903 1.3.2025")
_DAY = re.compile(r"^(?P<number>.*?)[\s;,]+(?:(?P<iso>\d{4}-\d{2}-\d{2})|(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4}))$")


async def new(visit: Visit) -> Response:
    """With what is known of the organisation, or with what was registered before in the region of the query."""
    kept = await visit.take_kept()
    return await _form(visit, Reader(kept or (await _known(visit)).items(), visit.language), restored=kept is not None)


async def register(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    body = _body(reader)
    if not reader.errors:
        try:
            made = await visit.services.payments.post_provider_registration(await visit.caller(), RegistrationInput.model_validate(body))
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"/provider/registrations/{made.provider_id}?done=registered")
    return await _form(visit, reader)


async def show(visit: Visit) -> Response:
    found, language = await registration_of(visit), visit.language
    region = await visit.region(found.region)
    return page(
        visit, "provider/registration.html", one=found, said=sentence(found, language), kinds=services(language), states=states(language),
        colours=COLOURS, region=in_language(region.names, language), zone=region.zone,
    )  # fmt: skip


async def ask_to_withdraw(visit: Visit) -> Response:
    return await _withdrawal(visit, Reader((), visit.language))


async def withdraw(visit: Visit) -> Response:
    try:
        await visit.services.payments.post_provider_registration_withdrawal(await visit.caller(), _id(visit))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader = Reader((), visit.language)
        reader.errors[FORM] = problem.detail
        return await _withdrawal(visit, reader)
    return go("/provider?done=withdrawn")


async def _withdrawal(visit: Visit, reader: Reader) -> Response:
    found, language = await registration_of(visit), visit.language
    follows = [
        text(language, "Beneficiaries can no longer choose you in this region."),
        text(language, "Orders that you have not delivered yet go back to the beneficiaries, who choose another provider."),
        text(language, "What you have delivered and invoiced is paid as agreed. You can apply again later."),
    ]
    return page(
        visit, "kit/confirm.html", status=422 if reader.errors else 200, title=text(language, "Withdraw the registration"), follows=follows,
        button=text(language, "Withdraw it"), back=f"/provider/registrations/{found.provider_id}", form=reader, restored=False,
        ask_reason=False, hidden={},
    )  # fmt: skip


async def registration_of(visit: Visit) -> ProviderDetail:
    found = await visit.services.payments.get_provider_registration(await visit.caller(), _id(visit))
    await visit.at(found.region)
    return found


async def _form(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    language = visit.language
    names = {one.id: in_language(one.names, language) for one in (await visit.regions()).values()}
    return page(
        visit, "provider/register.html", status=422 if reader.errors else 200, form=reader, restored=restored, kinds=services(language),
        regions=dict(by_name(names.items(), lambda pair: pair[1], language)), countries=COUNTRIES, prefix=SERVICE,
    )  # fmt: skip


async def _known(visit: Visit) -> dict[str, str]:
    """As a person would have typed it."""
    caller, organisation = await visit.caller(), visit.person.organisation
    if organisation is None:
        return {}
    region = visit.request.query_params.get("region", "")
    mine = (await visit.services.payments.list_provider_registrations(caller, limit=200)).items
    before = next((one for one in mine if one.region == region), None)
    if before is not None:
        return _typed(await visit.services.payments.get_provider_registration(caller, before.provider_id))
    found = await visit.services.people.get_organisation(caller, organisation)
    seat = {f"seat.{name}": str(getattr(found.seat, name)) for name in SEAT} if found.seat else {}
    return {"region": region, "name": found.name or "", "country": found.country, "tax_number": found.tax_number or "", **seat}


def _typed(one: ProviderDetail) -> dict[str, str]:
    seat = {f"seat.{name}": str(getattr(one.seat, name)) for name in SEAT} if one.seat else {}
    worked = "\n".join(f"{work.tax_number} {work.last_on:%d.%m.%Y}" for work in one.worked_with)
    return {
        "region": one.region, "name": one.name or "", "country": one.country, "tax_number": one.tax_number or "", **seat,
        "website": one.website or "", "summary": one.summary or "", "owners": "\n".join(one.owners), "kin": "\n".join(one.kin),
        "worked_with": worked, **{SERVICE + kind: "yes" for kind in one.services},
    }  # fmt: skip


def _body(reader: Reader) -> dict[str, object]:
    """The values of the form, by the names of the API; read in the order in which the page asks, so that errors stand in it too."""
    country = reader.typed.get("country", "")
    body: dict[str, object] = {
        "region": reader.line("region", _("Choose the region in which you offer services")),
        "name": reader.line("name", _("Enter the name of the firm as in the business register")),
        "country": reader.line("country", _("Choose the country of the tax number")),
        "tax_number": reader.line("tax_number", _("Enter the tax number of the firm")),
        "seat": ProviderSeatInput(
            street=reader.line("seat.street", _("Enter street and number of the seat")),
            postcode=reader.line("seat.postcode", _("Enter the postcode of the seat")),
            town=reader.line("seat.town", _("Enter the town of the seat")),
            country=country or "GR",
        ),
        "website": _website(reader.typed.get("website", "")),
        "summary": reader.line("summary", _("Say in a few sentences what you offer")),
        "services": [kind for kind in services(reader.language) if reader.typed.get(SERVICE + kind) == "yes"],
    }
    if not body["services"]:
        reader.errors[SERVICE + next(iter(services(reader.language)))] = text(reader.language, SERVICE_NEEDED)
    reader.line("owners", OWNER_NEEDED)
    return body | {"owners": _lines(reader, "owners"), "kin": _lines(reader, "kin"), "worked_with": _worked_with(reader)}


def _website(typed: str) -> str | None:
    return typed if "://" in typed else f"https://{typed}" if typed else None


def _lines(reader: Reader, name: str) -> list[str]:
    return [line.strip() for line in reader.typed.get(name, "").splitlines() if line.strip()]


def _worked_with(reader: Reader) -> list[JointWorkInput]:
    found = []
    for line in _lines(reader, "worked_with"):
        match = _DAY.match(line)
        try:
            if match is None:
                raise ValueError(line)
            parts = match.groupdict()
            last = date.fromisoformat(parts["iso"]) if parts["iso"] else date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        except ValueError:
            reader.errors["worked_with"] = text(reader.language, WORK_WRONG)
            return []
        found.append(JointWorkInput(tax_number=match["number"], last_on=last))
    return found


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["provider_id"])


ONE = "/provider/registrations/{provider_id:uuid}"
ROUTES = [
    personal("/provider/registrations/new", new, register),
    personal(ONE, show, live=show),
    personal(ONE + "/withdrawal", ask_to_withdraw, withdraw),
]
