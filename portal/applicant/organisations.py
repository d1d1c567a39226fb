"""Organisations: who acts for whom, and what is known of a firm. Written once, used in each application."""

from decimal import Decimal
from typing import Literal

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.people import (
    AcceptanceInput,
    InvitationInput,
    MemberInput,
    OrganisationChangeInput,
    OrganisationInput,
    OrganisationView,
    SeatInput,
    SizeInput,
)
from portal.kit.formats import amount, number
from portal.kit.pages import go, page
from portal.kit.picker import shown
from portal.kit.reader import Reader, version_in
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.classifications import Scheme
from shared.kernel.money import MINOR_DIGITS

REFUSALS = (409, 422)
REGION_NEEDED = _("Type the region in which the firm has its seat, or its NUTS code, for example HR063")
ACTIVITY_NEEDED = _("Type what the firm does, or the NACE code, for example 74.12")
STAFF_NEEDED = _("Enter how many people work in the firm, for example 9.5")
COUNTRIES = ("BE", "DK", "GR", "HR", "PL")
"""Of the partnership, first in the list: the number of another country is refused by `people`, which knows them."""


async def new(visit: Visit) -> Response:
    language, kept = visit.language, await visit.take_kept()
    known = {"country": {"el": "GR", "hr": "HR", "pl": "PL", "da": "DK", "nl": "BE"}.get(language, "")}
    return _profile_page(visit, Reader(kept or known.items(), language), None, restored=kept is not None)


async def register(visit: Visit) -> Response:
    """`call` in the query: the number of the call for which an application is to be begun, where it goes on."""
    reader = Reader(visit.form, visit.language)
    body = OrganisationInput.model_validate(_profile(reader))
    if not reader.errors:
        try:
            made = await visit.services.people.post_organisation(await visit.caller(), body)
        except ApiProblem as problem:
            _take(problem, reader)
        else:
            await visit.act_for(made.id)
            call = _call(visit)
            return go(f"/applications/new?call={call}&done=registered" if call else f"/organisations/{made.id}?done=registered")
    return _profile_page(visit, reader, None)


async def show(visit: Visit) -> Response:
    return await _page(visit, Reader(await visit.take_kept() or (), visit.language))


async def edit(visit: Visit) -> Response:
    found = await visit.services.people.get_organisation(await visit.caller(), _id(visit))
    kept = await visit.take_kept()
    typed = kept or _typed(found, visit.language).items()
    return _profile_page(visit, Reader(typed, visit.language), found, restored=kept is not None)


async def change(visit: Visit) -> Response:
    reader, caller = Reader(visit.form, visit.language), await visit.caller()
    found = await visit.services.people.get_organisation(caller, _id(visit))
    reader.typed |= {"country": found.country, "tax_number": found.tax_number or ""}
    body = OrganisationChangeInput.model_validate(_profile(reader) | {"version": version_in(reader.typed.get("version", ""))})
    if not reader.errors:
        try:
            await visit.services.people.put_organisation(caller, found.id, body)
        except ApiProblem as problem:
            _take(problem, reader)
        else:
            return go(f"/organisations/{found.id}?done=changed")
    return _profile_page(visit, reader, found)


async def invite(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    email = reader.line("email", _("Enter the e-mail address of the person you want to invite"))
    role = reader.line("role", _("Say what the person may do"))
    if not reader.errors:
        body = InvitationInput(email=email, role=_role(role), language=visit.language)
        try:
            await visit.services.people.post_organisation_invitation(await visit.caller(), _id(visit), body)
        except ApiProblem as problem:
            _take(problem, reader)
        else:
            return go(f"/organisations/{_id(visit)}?done=invited")
    return await _page(visit, reader)


async def withdraw_invitation(visit: Visit) -> Response:
    invitation = visit.request.path_params["invitation_id"]
    await visit.services.people.post_organisation_invitation_withdrawal(await visit.caller(), _id(visit), invitation)
    return go(f"/organisations/{_id(visit)}?done=withdrawn")


async def change_member(visit: Visit) -> Response:
    """`act`: the role that the member is to have, 'owner' or 'editor'."""
    reader = Reader((), visit.language)
    body = MemberInput(role=_role(visit.form.get("act")))
    try:
        await visit.services.people.put_organisation_member(await visit.caller(), _id(visit), _member(visit), body)
    except ApiProblem as problem:
        _take(problem, reader)
        return await _page(visit, reader)
    return go(f"/organisations/{_id(visit)}?done=member")


async def ask_end(visit: Visit) -> Response:
    """What follows for a member who goes, asked once."""
    return await _end_page(visit, Reader((), visit.language))


async def end_member(visit: Visit) -> Response:
    reader = Reader((), visit.language)
    try:
        await visit.services.people.post_organisation_member_end(await visit.caller(), _id(visit), _member(visit))
    except ApiProblem as problem:
        if problem.status == 404:  # gone meanwhile
            return go(f"/organisations/{_id(visit)}")
        _take(problem, reader)
        return await _end_page(visit, reader)
    if _member(visit) == str(visit.person.person_id):
        await visit.act_for(None)
        return go("/home?done=left")
    return go(f"/organisations/{_id(visit)}?done=member")


async def _end_page(visit: Visit, reader: Reader) -> Response:
    caller, people, language = await visit.caller(), visit.services.people, visit.language
    found = await people.get_organisation(caller, _id(visit))
    member = next((one for one in await people.get_organisation_members(caller, found.id) if str(one.person_id) == _member(visit)), None)
    if member is None:
        return go(f"/organisations/{found.id}")
    who = {"name": member.name or member.email or "", "organisation": found.name or ""}
    if member.person_id == visit.person.person_id:
        title, button = text(language, "Leave %(organisation)s") % who, text(language, "Leave the organisation")
        follows = [text(language, "You no longer see its applications, vouchers and claims. They stay with the organisation.")]
    else:
        title, button = text(language, "Remove %(name)s from %(organisation)s") % who, text(language, "Remove")
        follows = [text(language, "The person no longer sees its applications, vouchers and claims. They stay with the organisation.")]
    follows.append(text(language, "Only a new invitation by an owner undoes it."))
    return page(
        visit, "kit/confirm.html", status=422 if reader.errors else 200, title=title, follows=follows, button=button,
        back=f"/organisations/{found.id}", form=reader, restored=False, ask_reason=False, hidden={},
    )  # fmt: skip


async def act(visit: Visit) -> Response:
    """From now on in the name of this organisation."""
    me = await visit.services.people.get_me(await visit.caller())
    chosen = next((one.id for one in me.organisations if str(one.id) == _id(visit)), None)
    await visit.act_for(chosen)
    return go("/home")


async def invitation(visit: Visit) -> Response:
    """The link of an invitation: who follows it says once more that it is meant."""
    return await _invitation_page(visit, visit.request.query_params.get("secret", ""), None)


async def accept(visit: Visit) -> Response:
    secret = visit.form.get("secret")
    try:
        accepted = await visit.services.people.post_invitation_acceptance(await visit.caller(), AcceptanceInput(secret=secret))
    except ApiProblem as problem:
        if problem.status not in (404, *REFUSALS):
            raise
        return await _invitation_page(visit, secret, problem)
    await visit.act_for(accepted.organisation_id)
    return go(f"/organisations/{accepted.organisation_id}?done=joined")


async def _invitation_page(visit: Visit, secret: str, problem: ApiProblem | None) -> Response:
    """For which organisation, in which role and until when; `problem`: why it was not accepted, or cannot be."""
    offered = None
    try:
        offered = await visit.services.people.post_invitation_reading(await visit.caller(), AcceptanceInput(secret=secret))
    except ApiProblem as void:
        if void.status not in (404, *REFUSALS):
            raise
        problem = problem or void
    status = problem.status if problem else 200
    return page(visit, "applicant/invitation.html", status=status, secret=secret, problem=problem, offered=offered)


async def _page(visit: Visit, reader: Reader) -> Response:
    """The organisation with its members and invitations, and the form that invites."""
    caller, people = await visit.caller(), visit.services.people
    found = await people.get_organisation(caller, _id(visit))
    members = await people.get_organisation_members(caller, found.id)
    owner = any(member.person_id == visit.person.person_id and member.role == "owner" for member in members)
    invitations = await people.get_organisation_invitations(caller, found.id) if owner else []
    waiting = [one for one in invitations if one.state == "open"]
    status = 422 if reader.errors else 200
    return page(
        visit,
        "applicant/organisation.html",
        status=status,
        organisation=found,
        nuts=shown(Scheme.NUTS, found.nuts, visit.language),
        activity=shown(Scheme.NACE, found.activity_code, visit.language),
        staff=number(Decimal(str(found.size.staff)), visit.language) if found.size else "",
        members=members,
        owner=owner,
        invitations=waiting,
        form=reader,
    )


def _profile_page(visit: Visit, reader: Reader, known: OrganisationView | None, *, restored: bool = False) -> Response:
    """`restored`: what was typed before the session had ended, and is not saved."""
    return page(
        visit, "applicant/profile.html", status=422 if reader.errors else 200, form=reader, known=known, countries=COUNTRIES,
        currencies=sorted(MINOR_DIGITS), restored=restored, call=_call(visit),
    )  # fmt: skip


def _call(visit: Visit) -> str:
    """The number of the call in the query for which an application is to be begun; empty for none."""
    typed = visit.request.query_params.get("call", "")
    return typed if version_in(typed) else ""


def _profile(reader: Reader) -> dict[str, object]:
    """The values of the form, by the names of the API; read in the order in which the page asks, so that errors stand in it too."""
    currency = reader.typed.get("size.currency", "")
    currency = currency if currency in MINOR_DIGITS else "EUR"
    return {
        "country": reader.line("country", _("Choose the country of the tax number")),
        "tax_number": reader.line("tax_number", _("Enter the tax number of the firm")),
        "name": reader.line("name", _("Enter the name of the firm as in the business register")),
        "seat": SeatInput(
            street=reader.line("seat.street", _("Enter street and number of the seat")),
            postcode=reader.line("seat.postcode", _("Enter the postcode of the seat")),
            town=reader.line("seat.town", _("Enter the town of the seat")),
            country=reader.typed.get("country", ""),
        ),
        "nuts": reader.listed("nuts", Scheme.NUTS, REGION_NEEDED, reader.typed.get("country")),
        "activity_code": reader.listed("activity_code", Scheme.NACE, ACTIVITY_NEEDED),
        "size": SizeInput(
            staff=reader.units("size.staff", STAFF_NEEDED),
            year=reader.number("size.year", _("Enter the year of the last closed accounts")),
            turnover_minor=reader.amount("size.turnover", currency, _("Enter the turnover as an amount, for example 250,000.00")),
            balance_minor=reader.amount("size.balance", currency, _("Enter the balance sheet total as an amount, for example 120,000.00")),
            currency=currency,
        ),
    }


def _typed(found: OrganisationView, language: str) -> dict[str, str]:
    """As a person would have typed what is known."""
    typed = {
        "country": found.country, "tax_number": found.tax_number or "", "name": found.name or "",
        "nuts": shown(Scheme.NUTS, found.nuts, language), "activity_code": shown(Scheme.NACE, found.activity_code, language),
        "version": str(found.version),
    }  # fmt: skip
    if found.seat:
        typed |= {f"seat.{name}": str(getattr(found.seat, name)) for name in ("street", "postcode", "town")}
    if found.size:
        typed |= {
            "size.staff": number(Decimal(str(found.size.staff)), language),
            "size.currency": found.size.currency, "size.year": str(found.size.year),
            "size.turnover": amount(found.size.turnover_minor, found.size.currency, language),
            "size.balance": amount(found.size.balance_minor, found.size.currency, language),
        }  # fmt: skip
    return typed


def _take(problem: ApiProblem, reader: Reader) -> None:
    """A refusal of the values is shown at the form; any other one is not the form's."""
    if problem.status not in REFUSALS:
        raise problem
    reader.refuse(problem)


def _role(word: str | None) -> Literal["owner", "editor"]:
    return "owner" if word == "owner" else "editor"


def _member(visit: Visit) -> str:
    return str(visit.request.path_params["person_id"])


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["organisation_id"])


ORGANISATION = "/organisations/{organisation_id:uuid}"
ROUTES = [
    personal("/organisations/new", new, register),
    personal(ORGANISATION, show),
    personal(ORGANISATION + "/profile", edit, change),
    personal(ORGANISATION + "/invitations", change=invite),
    personal(ORGANISATION + "/invitations/{invitation_id:uuid}/withdrawal", change=withdraw_invitation),
    personal(ORGANISATION + "/members/{person_id:uuid}", change=change_member),
    personal(ORGANISATION + "/members/{person_id:uuid}/end", ask_end, end_member),
    personal(ORGANISATION + "/act", change=act),
    personal("/invitation", invitation, accept),
]
