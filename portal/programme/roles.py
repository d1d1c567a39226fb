"""Roles: who may do what where, since when and by whom; proposed by one administrator, confirmed by another."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.people import Reason, RoleGrantView, RoleInput, RoleInvitationInput
from portal.kit.formats import day, day_in
from portal.kit.lists import Cell, Column, Filter, Listing, listed
from portal.kit.names import Names, named, role_names
from portal.kit.pages import go, page
from portal.kit.reader import Reader, day_of
from portal.kit.reader import mark as _
from portal.kit.regions import region_names, zones
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

PATH = "/administration"
MANAGED = ("administrator",)
READ = ("administrator", "auditor")
MOST = 200
REFUSALS = (403, 404, 409, 422)
COLOURS = {"proposed": "yellow", "granted": "green", "refused": "red", "ended": "grey"}


def states(language: str) -> dict[str, str]:
    return {
        "proposed": text(language, "Waits for a second administrator"),
        "granted": text(language, "Given"),
        "refused": text(language, "Refused"),
        "ended": text(language, "Ended"),
    }


def reasons(language: str) -> dict[str, str]:
    """Codes for the record → what they say."""
    return {
        "appointed": text(language, "Appointed to this work"),
        "replacement": text(language, "Stands in for somebody"),
        "duties-changed": text(language, "The duties have changed"),
        "left-the-agency": text(language, "Has left the agency"),
        "mistake": text(language, "It was a mistake"),
        "security": text(language, "For security: a device was lost, or somebody else knew the password"),
    }


async def roles(visit: Visit) -> Response:
    language, names = visit.language, Names(visit)
    ask = partial(visit.services.people.list_roles, await visit.caller())
    listing = Listing(
        name="roles",
        title=text(language, "Who may do what"),
        columns=_columns(language, names, await region_names(visit, *READ), await zones(visit)),
        ask=names.learning(ask, "proposed_by", "decided_by", "ended_by"),
        empty=text(language, "Nobody has a role yet. Propose the first one."),
        filters=[
            Filter("region", text(language, "Region"), await region_names(visit, *READ)),
            Filter("state", text(language, "State"), states(language)),
        ],
        sort="-proposed_at",
    )
    return await listed(visit, listing, "programme/roles.html", manages="administrator" in visit.roles)


def _columns(language: str, names: Names, regions: dict[str, str], zone: dict[str, str]) -> list[Column[RoleGrantView]]:
    def when(value: datetime | None, one: RoleGrantView) -> Cell:
        return Cell("") if value is None else Cell(day_in(value, zone.get(one.region, "UTC"), language), value=value)

    def begins(one: RoleGrantView) -> Cell:
        return Cell(first_day(one, zone.get(one.region, "UTC"), language), value=one.valid_from)

    def proposed(one: RoleGrantView) -> Cell:
        return Cell(names.of(one.proposed_by), below=day_in(one.proposed_at, zone.get(one.region, "UTC"), language))

    def decided(one: RoleGrantView) -> Cell:
        ended = text(language, "Ended by: %(name)s") % {"name": names.of(one.ended_by)} if one.ended_by else ""
        return Cell(names.of(one.decided_by), below=ended)

    return [
        Column("person", text(language, "Person"), lambda one: Cell(person_of(one, language), f"{PATH}/people/{one.person_id}")),
        Column("role", text(language, "Role"), lambda one: Cell(role_names(language).get(one.role, one.role), value=one.role)),
        Column("region", text(language, "Region"), lambda one: regions.get(one.region, one.region)),
        Column("state", text(language, "State"), partial(state_cell, language)),
        Column("from", text(language, "From"), begins),
        Column("until", text(language, "Until"), lambda one: when(one.valid_until, one)),
        Column("proposed_by", text(language, "Proposed by"), proposed, sort="proposed_at"),
        Column("decided_by", text(language, "Decided by"), decided),
    ]


def first_day(one: RoleGrantView, zone: str, language: str) -> str:
    """Of a role: a midnight begins it."""
    return day(one.valid_from.astimezone(ZoneInfo(zone)).date(), language)


def person_of(one: RoleGrantView, language: str) -> str:
    """A proposal names nobody: who confirms it finds the person by the address."""
    return one.name or text(language, "Person %(sign)s") % {"sign": str(one.person_id)[-6:]}


def state_cell(language: str, one: RoleGrantView) -> Cell:
    if one.state == "granted" and not one.in_force:
        return Cell(text(language, "Given, not in force now"), colour="blue", value=one.state)
    return Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)


async def grants_of(visit: Visit, person_id: UUID | str) -> list[RoleGrantView]:
    """Those that the reader may see, the newest first. `ApiProblem` 404 when there are none."""
    try:
        wanted = UUID(str(person_id))
    except ValueError as error:
        raise ApiProblem(404, {"code": "unknown-person"}) from error
    found = await visit.services.people.list_roles(await visit.caller(), person_id=wanted, limit=MOST)
    if not found.items:
        raise ApiProblem(404, {"code": "unknown-person"})
    return found.items


async def role(visit: Visit) -> Response:
    return await _role_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def decide(visit: Visit) -> Response:
    """`act`: confirmation, refusal or end."""
    people, caller, reader = visit.services.people, await visit.caller(), Reader(visit.form, visit.language)
    acts = {"confirmation": people.post_role_confirmation, "refusal": people.post_role_refusal, "end": people.post_role_end}
    act = acts.get(reader.typed.get("act", ""))
    if act is None:
        reader.errors["act"] = text(visit.language, "Choose whether you confirm or refuse it")
    reason = chosen_reason(reader, visit.language)
    if act is not None and not reader.errors:
        try:
            await act(caller, visit.request.path_params["grant_id"], Reason(reason=reason))
        except ApiProblem as problem:
            refuse(problem, reader)
        else:
            return go(f"{PATH}/people/{visit.request.path_params['person_id']}?done={reader.typed['act']}")
    return await _role_page(visit, reader)


async def _role_page(visit: Visit, reader: Reader) -> Response:
    person_id, grant_id = visit.request.path_params["person_id"], str(visit.request.path_params["grant_id"])
    grant = next((one for one in await grants_of(visit, person_id) if str(one.id) == grant_id), None)
    if grant is None:
        raise ApiProblem(404, {"code": "unknown-role"})
    await visit.at(grant.region)
    zone = (await visit.region(grant.region)).zone
    names = await named(visit, [grant.proposed_by, grant.decided_by, grant.ended_by])
    return page(
        visit, "programme/role.html", status=422 if reader.errors else 200, grant=grant, names=names, form=reader,
        begins=first_day(grant, zone, visit.language), zone=zone,
        person=person_of(grant, visit.language), role_names=role_names(visit.language),
        reasons=offered(visit.language, reasons(visit.language)),
        region=(await region_names(visit, *READ)).get(grant.region, grant.region),
        own=grant.proposed_by == str(visit.person.person_id), manages=grant.region in visit.regions_by_role.get("administrator", ()),
    )  # fmt: skip


async def new(visit: Visit) -> Response:
    kept, query = await visit.take_kept(), visit.request.query_params
    return await _new_page(visit, Reader(kept or query.items(), visit.language), restored=kept is not None)


async def propose(visit: Visit) -> Response:
    """For the `person` of the form, or who has signed in with the address; else the role waits for the first sign-in with it."""
    reader, caller, people = Reader(visit.form, visit.language), await visit.caller(), visit.services.people
    person, email = reader.typed.get("person", ""), ""
    if person:
        await grants_of(visit, person)
    else:
        email = reader.line("email", _("Enter the e-mail address with which the person signs in"))
    period = await _period(visit, reader)
    if not reader.errors:
        try:
            found = [person] if person else [str(one.id) for one in (await people.list_persons(caller, email=email)).items]
            if len(found) > 1:
                reader.errors["email"] = text(visit.language, "Several accounts have this address. The operator can tell them apart.")
            elif found:
                made = await people.post_role(caller, RoleInput.model_validate({"person_id": found[0], **period}))
                return go(f"{PATH}/people/{made.person_id}?done=proposed")
            else:
                await people.post_role_invitation(caller, RoleInvitationInput(email=email, **period))
                return go(f"{PATH}/invitations?done=invited")
        except ApiProblem as problem:
            refuse(problem, reader)
    return await _new_page(visit, reader)


async def _period(visit: Visit, reader: Reader) -> dict[str, Any]:
    """Role, region, reason and days as the API wants them; the days are whole ones of the region."""
    role = _chosen(reader, "role", role_names(visit.language), _("Choose the role"))
    region = _chosen(reader, "region", await region_names(visit, *MANAGED), _("Choose the region"))
    zone = ZoneInfo((await visit.region(region)).zone)
    first, last = (_typed_day(reader, name, visit.language) for name in ("valid_from", "valid_until"))
    period: dict[str, Any] = {"role": role, "region": region, "reason": chosen_reason(reader, visit.language)}
    period |= {"valid_from": _midnight(first, zone)} if first else {}
    return period | ({"valid_until": _midnight(last + timedelta(days=1), zone)} if last else {})


async def _new_page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    person = reader.typed.get("person", "")
    name = person_of((await grants_of(visit, person))[0], visit.language) if person else ""
    return page(
        visit, "programme/propose.html", name=name, status=422 if reader.errors else 200, form=reader, restored=restored,
        roles=offered(visit.language, role_names(visit.language)), reasons=offered(visit.language, reasons(visit.language)),
        regions=offered(visit.language, await region_names(visit, *MANAGED)),
    )  # fmt: skip


def offered(language: str, options: dict[str, str]) -> dict[str, str]:
    """For a field in which nothing is chosen yet."""
    return {"": text(language, "Choose"), **options}


def chosen_reason(reader: Reader, language: str) -> str:
    return _chosen(reader, "reason", reasons(language), _("Choose the reason"))


def refuse(problem: ApiProblem, reader: Reader) -> None:
    """Shown on the page of the form; another failure, and a sign-in that is too old, is passed on."""
    if problem.status not in REFUSALS:
        raise problem
    reader.refuse(problem)


def _chosen(reader: Reader, name: str, options: dict[str, str], needed: str) -> str:
    value = reader.line(name, needed)
    if value and value not in options:
        reader.errors[name] = text(reader.language, needed)
    return value


def _typed_day(reader: Reader, name: str, language: str) -> date | None:
    """Empty is no day."""
    typed = reader.typed.get(name, "")
    if not typed:
        return None
    try:
        return day_of(typed)
    except ValueError:
        reader.errors[name] = text(language, "Enter a day like 2026-12-31")
        return None


def _midnight(value: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(value, time(), zone).astimezone(UTC)


ROUTES = [
    staff(f"{PATH}/roles", roles),
    staff(f"{PATH}/roles/new", new, propose),
    staff(f"{PATH}/people/{{person_id:uuid}}/roles/{{grant_id:uuid}}", role, decide),
]
