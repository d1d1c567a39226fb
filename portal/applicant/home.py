"""The home page: what waits for me, my applications and vouchers, and what is open."""

from collections.abc import Sequence

from starlette.responses import Response

from portal.applicant.invitations import acts_of as invitation_acts
from portal.applicant.invitations import ends_of, invitations
from portal.applicant.waiting import acts as acts_of
from portal.client.applications import InvitationView, OpenCallView
from portal.client.vouchers import PageOfVoucherView
from portal.desks import waiting as waiting_at_desks
from portal.kit.lists import LARGEST
from portal.kit.pages import go, page
from portal.kit.regions import region_names
from portal.kit.routing import personal
from portal.kit.visit import Visit
from portal.kit.vouchers import unless_down

PAGE = 25
NO_VOUCHERS = PageOfVoucherView(items=[], total=0, total_is_exact=True, limit=PAGE, next=None)
"""Of who has no granted application."""


async def home(visit: Visit) -> Response:
    """`cursor` from the query: the place in the list of applications."""
    services, caller = visit.services, await visit.caller()
    me = await services.people.get_me(caller)
    await visit.take_up_roles(me)
    mine = waiting = vouchers = None
    invited: Sequence[InvitationView] = ()
    if visit.person.organisation is not None:
        cursor = visit.request.query_params.get("cursor")
        mine = await services.applications.list_applications(caller, limit=PAGE, cursor=cursor, sort="-changed_at")
        vouchers = NO_VOUCHERS
        if cursor or mine.next or any(one.decision == "granted" for one in mine.items):
            vouchers = await unless_down(services.vouchers.list_vouchers(caller, limit=LARGEST))
        has_invited = cursor or mine.next or any(one.decision == "invited" for one in mine.items)
        if has_invited and any(one.step == "by-invitation" and one.state != "closed" for one in await visit.newest_calls()):
            invited = await invitations(visit)
    by_id = await visit.calls_by_id(one.call_id for one in [*(mine.items if mine else ()), *(vouchers.items if vouchers else ())])
    if mine:
        waiting = [one for one in mine.items if one.state == "returned" or (one.state == "draft" and not _is_over(by_id.get(one.call_id)))]
    acts = await acts_of(visit, mine.items, vouchers.items if vouchers else (), by_id) if mine else []
    return page(
        visit,
        "applicant/home.html",
        acts=invitation_acts(invited, visit.language) + acts,
        ends=ends_of(invited),
        me=me,
        mine=mine,
        waiting=waiting,
        vouchers=vouchers,
        titles={one.id: one.title for one in mine.items} if mine else {},
        by_id=by_id,
        open_calls=await visit.open_calls(),
        at_desks=await waiting_at_desks(visit),
        regions=await region_names(visit, *visit.regions_by_role),
    )


async def act_for_agency(visit: Visit) -> Response:
    """From now on with the roles of the agency."""
    await visit.act_for(None)
    return go("/home")


def _is_over(call: OpenCallView | None) -> bool:
    return call is not None and call.state == "closed"


ROUTES = [personal("/home", home, live=home, of_agency=None), personal("/home/agency", change=act_for_agency)]
