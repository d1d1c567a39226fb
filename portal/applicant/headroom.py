"""De minimis aid of an organisation against its ceilings: what counts, what is left, and when each aid is free again."""

from typing import NamedTuple

from starlette.responses import Response

from portal.applicant.organisations import ORGANISATION
from portal.client.payments import AidRoomView
from portal.kit.formats import day, money
from portal.kit.pages import go, page
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.kernel.countries import country_name


class Part(NamedTuple):
    """One aid as a person reads it. `link`: path of its case, '' for that of another granter."""

    words: str
    link: str
    amount: str
    granted: str
    free: str


async def show(visit: Visit) -> Response:
    """Of the organisation for which the person acts now; for another one of theirs, how to act for it."""
    caller, services = await visit.caller(), visit.services
    organisation = await services.people.get_organisation(caller, _id(visit))
    acting = visit.person.organisation == organisation.id
    rooms = await services.payments.get_aid_headroom(caller, organisation.id) if acting else []
    return page(
        visit, "applicant/headroom.html", organisation=organisation, acting=acting,
        rooms=[(country_name(room.member_state, visit.language), room, parts(room, visit.language)) for room in rooms],
    )  # fmt: skip


async def act(visit: Visit) -> Response:
    """From now on in the name of the organisation, which the services check."""
    organisation = await visit.services.people.get_organisation(await visit.caller(), _id(visit))
    await visit.act_for(organisation.id)
    return go(f"/organisations/{organisation.id}/aid")


def parts(room: AidRoomView, language: str) -> list[Part]:
    """What is free again first stands first, and open offers last."""
    reserved = text(language, "Reserved: the offer is open")
    shown = [
        (
            one.frees_on,
            Part(
                text(language, "Voucher of this programme"), f"/applications/{one.application_id}",
                _amount(one.amount_minor, one.currency, one.eur_minor, language),
                day(one.granted_on, language) if one.granted_on else reserved,
                day(one.frees_on, language) if one.frees_on else text(language, "Three years after its acceptance"),
            ),
        )
        for one in room.own
    ]  # fmt: skip
    shown += [
        (
            one.frees_on,
            Part(
                text(language, "Other granter, as you declared it"), "", _amount(one.amount_minor, one.currency, one.eur_minor, language),
                day(one.granted_on, language), day(one.frees_on, language),
            ),
        )
        for one in room.declared
    ]  # fmt: skip
    return [part for _, part in sorted(shown, key=lambda one: (one[0] is None, one[0]))]


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["organisation_id"])


def _amount(minor: int, currency: str, eur_minor: int, language: str) -> str:
    amount = money(minor, currency, language)
    return amount if currency == "EUR" else f"{amount} ({money(eur_minor, 'EUR', language)})"


ROUTES = [personal(ORGANISATION + "/aid", show, act)]
