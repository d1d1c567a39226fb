"""Two-step calls for officers: who is invited to a call, and from which call for expressions of interest a draft invites."""

from functools import partial

from starlette.responses import Response

from portal.client.applications import CallDraftView, InvitedView
from portal.kit.lists import Cell, Column, Listing, instant, limit, listed
from portal.kit.reader import Reader
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.texts.languages import in_language

COLOURS = {"not-begun": "yellow", "draft": "light-blue", "handed-in": "green", "ended": "grey"}
MOST = 200


def invitation_states(language: str) -> dict[str, str]:
    """State of an invitation → what officers read."""
    return {
        "not-begun": text(language, "Not begun"), "draft": text(language, "Draft"), "handed-in": text(language, "Submitted"),
        "ended": text(language, "Ended without an application"),
    }  # fmt: skip


async def invited(visit: Visit) -> Response:
    """`/officer/calls/{id}/invitations`: the oldest first."""
    applications, caller, language = visit.services.applications, await visit.caller(), visit.language
    found = await applications.get_call(caller, visit.request.path_params["call_id"])
    await visit.at(found.region)
    zone, names = (await visit.region(found.region)).zone, invitation_states(language)

    def title(one: InvitedView) -> Cell:
        return Cell(one.title or one.receipt, f"/officer/applications/{one.expression_id}", below=one.applicant_name or "")

    def application(one: InvitedView) -> Cell:
        if one.application_id is None:
            return Cell("")
        return Cell(text(language, "Open the application"), f"/officer/applications/{one.application_id}")

    listing = Listing(
        name="invited",
        title=text(language, "Invited to %(call)s") % {"call": in_language(found.title, language)},
        columns=[
            Column("title", text(language, "Expression of interest"), title),
            Column("receipt", text(language, "Receipt number"), lambda one: one.receipt),
            Column("invited_at", text(language, "Invited"), lambda one: instant(one.invited_at, zone, language), sort="invited_at"),
            Column("until", text(language, "Until"), lambda one: limit(one.until, zone, language)),
            Column("state", text(language, "State"), lambda one: Cell(names[one.state], colour=COLOURS[one.state], value=one.state)),
            Column("application", text(language, "Application"), application),
        ],
        ask=partial(applications.list_call_invitations, caller, found.id),
        empty=text(
            language,
            "Nobody is invited yet. Who is chosen in a call that this one names is invited when the decisions of that call go out.",
        ),
        sort="invited_at",
    )
    return await listed(visit, listing)


async def sources_of(visit: Visit, draft: CallDraftView) -> dict[str, str] | None:
    """Id of a published call for expressions of interest, or of a rolling one → its title; None where the scheme is open to all."""
    if draft.expressions is None:
        return None
    published = await visit.services.applications.list_calls(await visit.caller(), region=draft.region, limit=MOST, sort="-opens_at")
    chosen = typed_sources(draft)
    found = {"": text(visit.language, "Choose a call"), **({chosen: chosen} if chosen else {})}
    for one in published.items:
        if one.scheme == draft.expressions:
            found[one.series or one.slug] = in_language(one.title, visit.language) + (f" ({one.series})" if one.series else "")
    return found


def typed_sources(draft: CallDraftView) -> str:
    return ", ".join(draft.content.invites_from or ())


def read_sources(reader: Reader) -> list[str] | None:
    """The ids that were chosen; None where none was."""
    return [one.strip() for one in reader.typed.get("invites_from", "").split(",") if one.strip()] or None


ROUTES = [staff("/officer/calls/{call_id:uuid}/invitations", invited)]
