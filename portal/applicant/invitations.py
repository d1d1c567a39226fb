"""What the organisation is invited to after an expression of interest: a task on the home page, and until when an application is sent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.applicant.waiting import Act
from portal.client.applications import ApplicationDetail, InvitationView, OpenCallDetail
from portal.kit.formats import last_moment
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.texts.languages import in_language


async def invitations(visit: Visit) -> Sequence[InvitationView]:
    return await visit.services.applications.list_invitations(await visit.caller())


def acts_of(found: Sequence[InvitationView], language: str) -> list[Act]:
    """Of invitations on which nothing is begun."""
    title, hint = text(language, "Begin the application you are invited to"), text(language, "Send it until %(moment)s")
    return [
        Act(
            title,
            f"/applications/new?call={one.call_number}",
            in_language(one.call_title, language),
            hint % {"moment": last_moment(one.until, one.zone, language)},
            text(language, "You are invited"),
        )
        for one in found
        if one.state == "not-begun"
    ]


def ends_of(found: Sequence[InvitationView]) -> dict[UUID, datetime]:
    """Application on an invitation → until when it is sent."""
    return {one.application_id: one.until for one in found if one.application_id is not None}


async def sent_until(visit: Visit, application: ApplicationDetail, call: OpenCallDetail) -> datetime:
    """The end of the invitation, in a call by invitation; else the close of the call."""
    if call.step != "by-invitation":
        return call.closes_at
    return ends_of(await invitations(visit)).get(application.id, call.closes_at)
