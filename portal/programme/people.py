"""People and machines of the agency: roles of each, sign-ins ended, accounts closed; and roles that wait for an address."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.people import PersonView, Reason, RoleInvitationView
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed
from portal.kit.names import Names, named, role_names
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.regions import region_names, zones
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.programme.roles import (
    COLOURS,
    MOST,
    PATH,
    READ,
    chosen_reason,
    first_day,
    grants_of,
    offered,
    person_of,
    reasons,
    refuse,
    state_cell,
)


async def tasks(visit: Visit) -> list[Task]:
    """Proposals of others: an own one waits for somebody else."""
    found = await visit.services.people.list_roles(await visit.caller(), state="proposed", limit=MOST)
    chosen = visit.region_as("administrator")
    mine = {chosen} if chosen else set(visit.regions_by_role.get("administrator", ()))
    waiting = [one for one in found.items if one.region in mine and one.proposed_by != str(visit.person.person_id)]
    words = text(visit.language, "Roles to confirm or refuse")
    return [Task(words, len(waiting), f"{PATH}/roles?state=proposed", found.next is None)]


async def home(visit: Visit) -> Response:
    return page(visit, "programme/administration.html", tasks=[task for task in await tasks(visit) if task.count])


async def persons(visit: Visit) -> Response:
    language, zone = visit.language, next(iter((await zones(visit)).values()), "UTC")
    listing = Listing(
        name="people",
        title=text(language, "People of the agency"),
        columns=_columns(language, zone),
        ask=partial(visit.services.people.list_persons, await visit.caller()),
        empty=text(language, "Nobody has a role in your regions yet. Propose the first one."),
        filters=[
            Filter("region", text(language, "Region"), await region_names(visit, *READ)),
            Filter("email", text(language, "E-mail address")),
        ],
        sort="-registered_at",
    )
    return await listed(visit, listing, "programme/people.html", manages="administrator" in visit.roles)


def _columns(language: str, zone: str) -> list[Column[PersonView]]:
    kinds = {True: text(language, "Machine"), False: text(language, "Person")}
    return [
        Column(
            "name", text(language, "Name"),
            lambda one: Cell(one.name or text(language, "Person %(sign)s") % {"sign": str(one.id)[-6:]}, path_of(one)),
        ),
        Column("email", text(language, "E-mail address"), lambda one: one.email or ""),
        Column("kind", text(language, "Kind"), lambda one: kinds[one.machine]),
        Column(
            "registered_at", text(language, "First sign-in"), lambda one: instant(one.registered_at, zone, language), sort="registered_at"
        ),
        Column("ended_at", text(language, "Account closed"), lambda one: instant(one.ended_at, zone, language)),
    ]  # fmt: skip


def path_of(one: PersonView) -> str:
    """Who has a role in the reader's regions has a page; for who has none, a role can be proposed."""
    return f"{PATH}/people/{one.id}" if one.name or one.machine else f"{PATH}/roles/new?{urlencode({'email': one.email or ''})}"


async def person(visit: Visit) -> Response:
    grants = await grants_of(visit, visit.request.path_params["person_id"])
    names = await named(visit, [actor for one in grants for actor in (one.proposed_by, one.decided_by, one.ended_by)])
    zone = await zones(visit)
    return page(
        visit, "programme/person.html", grants=grants, names=names, person=person_of(grants[0], visit.language),
        role_names=role_names(visit.language), regions=await region_names(visit, *READ), zones=zone,
        cells={one.id: state_cell(visit.language, one) for one in grants},
        begins={one.id: first_day(one, zone.get(one.region, "UTC"), visit.language) for one in grants},
        managed=visit.regions_by_role.get("administrator", ()),
    )  # fmt: skip


async def ask_sign_out(visit: Visit) -> Response:
    return await _ask(visit, "sign-out", Reader(await visit.take_kept() or (), visit.language))


async def sign_out(visit: Visit) -> Response:
    return await _end(visit, "sign-out", visit.services.people.post_person_sign_ins_end)


async def ask_close(visit: Visit) -> Response:
    return await _ask(visit, "close", Reader(await visit.take_kept() or (), visit.language))


async def close(visit: Visit) -> Response:
    return await _end(visit, "close", visit.services.people.post_person_end)


async def _end(visit: Visit, act: str, command: Any) -> Response:
    reader, person_id = Reader(visit.form, visit.language), visit.request.path_params["person_id"]
    reason = chosen_reason(reader, visit.language)
    if not reader.errors:
        try:
            await command(await visit.caller(), person_id, Reason(reason=reason))
        except ApiProblem as problem:
            refuse(problem, reader)
        else:
            return go(f"{PATH}/people/{person_id}?done={act}")
    return await _ask(visit, act, reader)


async def _ask(visit: Visit, act: str, reader: Reader) -> Response:
    person_id, language = visit.request.path_params["person_id"], visit.language
    name = person_of((await grants_of(visit, person_id))[0], language)
    words: dict[str, dict[str, Any]] = {
        "sign-out": {
            "title": text(language, "Sign %(name)s out everywhere") % {"name": name},
            "follows": [
                text(language, "Within a minute no sign-in of this person works any more, on no device."),
                text(language, "The person keeps the account and all roles, and can sign in again."),
            ],
            "button": text(language, "Sign out everywhere"),
        },
        "close": {
            "title": text(language, "Close the account of %(name)s") % {"name": name},
            "follows": [
                text(language, "All roles and memberships of this person end now, and nobody can sign in to the account again."),
                text(language, "What the person did stays in the record, with the name. This cannot be undone."),
            ],
            "button": text(language, "Close the account"),
        },
    }
    return page(
        visit, "programme/end.html", status=422 if reader.errors else 200, back=f"{PATH}/people/{person_id}", form=reader,
        reasons=offered(language, reasons(language)), **words[act],
    )  # fmt: skip


async def invitations(visit: Visit) -> Response:
    language, names, zone = visit.language, Names(visit), await zones(visit)
    ask = partial(visit.services.people.list_role_invitations, await visit.caller())
    regions = await region_names(visit, *READ)
    words = {"open": text(language, "Waits"), "accepted": text(language, "Used"), "withdrawn": text(language, "Withdrawn")}
    listing = Listing(
        name="role-invitations",
        title=text(language, "Roles that wait for a first sign-in"),
        columns=_invitation_columns(language, names, regions, zone, words),
        ask=names.learning(ask, "proposed_by"),
        empty=text(language, "No role waits for an address. When you propose a role for somebody who has never signed in, it stands here."),
        filters=[Filter("region", text(language, "Region"), regions), Filter("state", text(language, "State"), words)],
        sort="-proposed_at",
    )
    return await listed(visit, listing, "programme/invitations.html")


def _invitation_columns(
    language: str, names: Names, regions: dict[str, str], zone: dict[str, str], words: dict[str, str]
) -> list[Column[RoleInvitationView]]:
    def state(one: RoleInvitationView) -> Cell:
        over = Cell(text(language, "Too late: nobody signed in"), colour="grey", value="expired")
        colour = COLOURS["proposed" if one.state == "open" else "ended"]
        return over if one.expired else Cell(words[one.state], colour=colour, value=one.state)

    def address(one: RoleInvitationView) -> Cell:
        shown = one.email or text(language, "No longer kept")
        return Cell(shown, f"{PATH}/invitations/{one.id}" if one.state == "open" and one.email else "")

    return [
        Column("email", text(language, "E-mail address"), address),
        Column("role", text(language, "Role"), lambda one: Cell(role_names(language).get(one.role, one.role), value=one.role)),
        Column("region", text(language, "Region"), lambda one: regions.get(one.region, one.region)),
        Column("state", text(language, "State"), state),
        Column("proposed_by", text(language, "Proposed by"), lambda one: names.of(one.proposed_by)),
        Column("expires_at", text(language, "Waits until"), lambda one: instant(one.expires_at, zone.get(one.region, "UTC"), language)),
    ]


async def ask_withdraw(visit: Visit) -> Response:
    return await _withdraw_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def withdraw(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    reason = chosen_reason(reader, visit.language)
    if not reader.errors:
        try:
            invitation_id = visit.request.path_params["invitation_id"]
            await visit.services.people.post_role_invitation_withdrawal(await visit.caller(), invitation_id, Reason(reason=reason))
        except ApiProblem as problem:
            refuse(problem, reader)
        else:
            return go(f"{PATH}/invitations?done=withdrawn")
    return await _withdraw_page(visit, reader)


async def _withdraw_page(visit: Visit, reader: Reader) -> Response:
    language = visit.language
    return page(
        visit, "programme/end.html", status=422 if reader.errors else 200, back=f"{PATH}/invitations", form=reader,
        reasons=offered(language, reasons(language)), title=text(language, "Withdraw the invitation to a role"),
        button=text(language, "Withdraw"),
        follows=[text(language, "Who signs in with this address is no longer proposed for the role. You can propose it again.")],
    )  # fmt: skip


ROUTES = [
    staff(PATH, home, live=home),
    staff(f"{PATH}/people", persons),
    staff(f"{PATH}/people/{{person_id:uuid}}", person),
    staff(f"{PATH}/people/{{person_id:uuid}}/sign-out", ask_sign_out, sign_out),
    staff(f"{PATH}/people/{{person_id:uuid}}/close", ask_close, close),
    staff(f"{PATH}/invitations", invitations),
    staff(f"{PATH}/invitations/{{invitation_id:uuid}}", ask_withdraw, withdraw),
]
