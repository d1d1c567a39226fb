"""What is held about an organisation: its export, and its erasure, which one officer requests and another one confirms."""

import asyncio
from functools import partial
from uuid import UUID

from starlette.responses import Response

from portal.client.applications import DeskView, ErasureInput, ErasureView
from portal.client.base import ApiProblem
from portal.finance.acts import Act, act, part
from portal.kit import subjects
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, every, instant, listed, region_filter
from portal.kit.names import Names, named
from portal.kit.pages import page
from portal.kit.regions import region_name
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.officer.holds import ACT, worded
from portal.officer.holds import reasons as hold_reasons
from portal.officer.words import COLOURS as STATE_COLOURS
from portal.officer.words import states as application_states
from portal.programme.sentences import service_names

LIST = "/officer/erasures"
ORGANISATION = "/officer/organisations/{organisation_id:uuid}"


def reasons(language: str) -> dict[str, str]:
    """Code of the reason → words; the code goes into the event."""
    return {
        "request-of-the-subject": text(language, "The organisation asked for it"),
        "kept-without-ground": text(language, "There is no ground to keep it"),
    }


def tasks(visit: Visit, of_cases: DeskView) -> list[Task]:
    """What waits for officers here, and what the daily runs could not remove."""
    language, erasures, failed = visit.language, of_cases.erasures, of_cases.not_removed
    return [
        Task(text(language, "Erasures to confirm"), erasures.count, f"{LIST}?confirmed=false", erasures.exact),
        Task(
            text(language, "Cases that could not be removed"), failed.count, "/officer/retention/results?outcome=failed", failed.exact
        ),
    ]  # fmt: skip


async def erasures(visit: Visit) -> Response:
    language, names = visit.language, Names(visit)
    listing = Listing(
        name="erasures",
        title=text(language, "Erasures"),
        columns=_columns(language, await visit.regions(), names),
        ask=names.learning(partial(visit.services.applications.list_erasures, await visit.caller()), "requested_by", "confirmed_by"),
        empty=text(
            language,
            "No erasure is requested. An officer requests one on the page of what is kept about an organisation, to which each application "
            "leads.",
        ),
        filters=[Filter("confirmed", text(language, "State"), states(language)), await region_filter(visit, "officer")],
        sort="-requested_at",
    )
    return await listed(visit, listing)


def states(language: str) -> dict[str, str]:
    return {"false": text(language, "Waits for a second officer"), "true": text(language, "Erased")}


def _columns(language: str, regions: Regions, names: Names) -> list[Column[ErasureView]]:
    def organisation(one: ErasureView) -> Cell:
        return Cell(", ".join(one.receipts) or text(language, "Organisation"), f"{LIST}/{one.id}", value=str(one.organisation_id))

    def state(one: ErasureView) -> Cell:
        if one.confirmed_at is None:
            return Cell(states(language)["false"], colour="yellow", value="requested")
        by = text(language, "Confirmed by %(who)s") % {"who": names.by(one.confirmed_by)}
        return Cell(states(language)["true"], colour="grey", below=by, value="erased")

    return [
        Column(
            "requested_at", text(language, "Requested"), lambda one: instant(one.requested_at, regions[one.region].zone, language),
            "requested_at",
        ),
        Column("organisation", text(language, "Applications of the organisation"), organisation),
        Column("reason", text(language, "Reason"), lambda one: Cell(worded(one.reason, reasons(language)), value=one.reason)),
        Column("by", text(language, "Requested by"), lambda one: names.by(one.requested_by)),
        Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
        Column("state", text(language, "State"), state),
    ]  # fmt: skip


async def organisation(visit: Visit) -> Response:
    """Its applications, the holds on it, the export, and an erasure, if one is requested."""
    identity, language, caller, applications = _organisation(visit), visit.language, await visit.caller(), visit.services.applications
    cases = [one for one in await every(partial(applications.list_applications, caller), organisation_id=identity) if one.receipt]
    if not cases:
        raise ApiProblem(404, {"code": "unknown-subject"})
    await visit.at(cases[-1].region)
    holds, erased = await asyncio.gather(
        applications.list_holds(caller, subject_id=UUID(identity), in_force=True),
        applications.list_erasures(caller, organisation_id=UUID(identity)),
    )
    names = await named(visit, [one.placed_by for one in holds.items])
    return page(
        visit, "officer/organisation.html", organisation_id=identity, cases=cases,
        holds=holds.items, erasure=next(iter(erased.items), None), here=_here(identity),
        regions=await visit.regions(), states=application_states(language), colours=STATE_COLOURS, person=names.by,
        reason=lambda code: worded(code, hold_reasons(language)), may_erase="officer" in visit.roles,
        own=str(visit.person.person_id),
    )  # fmt: skip


async def download(visit: Visit) -> Response:
    """All that the services hold about the organisation; each records the reading."""
    return await subjects.export(visit, UUID(_organisation(visit)))


async def request(visit: Visit) -> Act:
    language, identity, applications = visit.language, _organisation(visit), visit.services.applications
    cases = await applications.list_applications(await visit.caller(), organisation_id=UUID(identity))
    if not cases.items:
        raise ApiProblem(404, {"code": "unknown-subject"})
    await visit.at(cases.items[0].region)
    return Act(
        title=text(language, "Request the erasure of an organisation"),
        follows=[
            text(language, "Another officer confirms it. Until then nothing is erased."),
            text(
                language,
                "Then nobody can read its names, addresses, accounts, answers and files any more, in any service. "
                "Numbers, amounts, dates and decisions stay.",
            ),
            text(
                language,
                "It is refused while an application is undecided or held, and where one was granted: the records of public money are kept.",
            ),
        ],
        button=text(language, "Request it"),
        step=lambda caller, reason: applications.post_erasure(caller, ErasureInput(organisation_id=UUID(identity), reason=reason)),
        back=_here(identity),
        done=lambda made: f"{LIST}/{made.id}?done=requested",
        reasons=reasons(language),
        template=ACT,
        values={"caption": ", ".join(one.receipt for one in cases.items if one.receipt)},
    )


async def erasure(visit: Visit) -> Response:
    """How far it is, service by service."""
    found = await visit.services.applications.get_erasure(await visit.caller(), _erasure(visit))
    await visit.at(found.region)
    parts = await subjects.erasure_parts(visit, found.organisation_id)
    names = await named(visit, [found.requested_by, found.confirmed_by])
    return page(
        visit, "officer/erasure.html", erasure=found, parts=parts, services=service_names(visit.language), person=names.by,
        zone=(await visit.region(found.region)).zone, reason=worded(found.reason, reasons(visit.language)), here=f"{LIST}/{found.id}",
        mine=found.requested_by == str(visit.person.person_id), may_erase="officer" in visit.roles,
        complete=all(one.state in (subjects.ERASED, subjects.NOTHING) for one in parts),
    )  # fmt: skip


async def confirmation(visit: Visit) -> Act:
    language, applications = visit.language, visit.services.applications
    found = await applications.get_erasure(await visit.caller(), _erasure(visit))
    await visit.at(found.region)
    return Act(
        title=text(language, "Confirm the erasure of an organisation"),
        follows=[
            text(
                language,
                "Then nobody can read its names, addresses, accounts, answers and files any more, in any service. "
                "This cannot be undone, also not from a backup.",
            ),
            text(
                language,
                "Numbers, amounts, dates and decisions stay. Its profile goes once its members close their accounts.",
            ),
            text(language, "It is for another officer than the one who requested it."),
        ],
        button=text(language, "Erase it"),
        step=lambda caller, _given: applications.post_erasure_confirmation(caller, found.id),
        back=f"{LIST}/{found.id}",
        done=f"{LIST}/{found.id}?done=confirmed",
        template=ACT,
        values={"caption": ", ".join(found.receipts)},
    )


def _here(organisation_id: str) -> str:
    return f"/officer/organisations/{organisation_id}"


_organisation, _erasure = part("organisation_id"), part("erasure_id")
ROUTES = [
    staff(LIST, erasures),
    staff(LIST + "/{erasure_id:uuid}", erasure),
    act(LIST + "/{erasure_id:uuid}/confirmation", confirmation),
    staff(ORGANISATION, organisation),
    staff(ORGANISATION + "/export", download),
    act(ORGANISATION + "/erasure", request),
]
