"""Pages of two-step calls: the public page of each step, what the applicant does next, the officer's list of who is invited."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from starlette.requests import Request

from portal.applicant.invitations import acts_of, ends_of
from portal.client.applications import CallView, InvitationView, InvitedView, OpenCallDetail, PageOfInvitedView
from portal.client.base import Caller
from portal.kit.pages import page
from portal.kit.visit import Region, Visit
from portal.officer.invited import invited
from services.applications.queries.call_parts import CallLinkView
from services.applications.queries.drafted_calls import call_row
from services.applications.queries.open_calls import public_detail
from services.applications.queries.views import CallView as CallAnswer
from shared.policy.call import CallDefinition
from shared.policy.schema import Policy
from tests.support.applications import BOOK
from tests.unit.test_two_step import FULL, INTEREST

NOW, UNTIL = datetime(2027, 2, 22, 9, tzinfo=UTC), datetime(2027, 3, 22, 23, tzinfo=UTC)
CONTEXT: Any = SimpleNamespace(policies=BOOK, now=NOW)
LINK = CallLinkView(number=41, title={"en": "The other step", "da": "Det andet trin"}, opens_at=NOW, closes_at=UNTIL)


def row_of(policy: Policy) -> Any:
    values = {
        "id": "two-step", "region": policy.region, "scheme": policy.scheme, "title": {"en": "Chairs", "da": "Stole"}, "currency": "DKK",
        "opens_at": "2027-02-01T12:00:00", "closes_at": "2027-06-01T12:00:00", "evaluation_due": "2027-07-01", "reminders_before_days": [],
        "reserve_list_ends": "2027-07-01", "envelope_minor": 10**8, "invites_from": ["interest"] if policy.by_invitation else None,
    }  # fmt: skip
    row = call_row(CONTEXT, UUID(int=1), CallDefinition.model_validate_json(json.dumps(values)), policy)
    row.number, row.state, row.submitted, row.published_at = 42, "open", 0, NOW
    return row


def _visit(path: str, services: Any = None) -> Visit:
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "path_params": {"call_id": UUID(int=1)}}
    return Officer(Request(scope), services or SimpleNamespace(), "en")


class Officer(Visit):
    async def caller(self) -> Caller:
        return Caller()

    async def at(self, region: str) -> None:
        self.place = Region(region, {"en": "Kolding"}, FULL.zone)

    async def region(self, _: str) -> Region:
        return Region(FULL.region, {"en": "Kolding"}, FULL.zone)


def _text(answer: Any) -> str:
    return " ".join(bytes(answer.body).decode().replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("policy", "links", "says"),
    [
        (INTEREST, {"invites_to": [LINK]}, ("the first of two steps", "No money is given in this step", "Start an expression of interest")),
        (FULL, {"invites_from": [LINK]}, ("This call is by invitation", "Hand it in here, while the call is open", "Start an application")),
    ],
)
def test_public_page_says_which_step_it_is(policy: Policy, links: Any, says: tuple[str, ...]) -> None:
    detail = public_detail(CONTEXT, row_of(policy), policy, []).model_copy(update=links)
    call = OpenCallDetail.model_validate(detail.model_dump(mode="json"))
    shown = _text(page(_visit("/calls/42"), "public/call.html", call=call, places=["South Jutland"], activities=["74.10"]))
    assert [words for words in (*says, '<a class="govuk-link" href="/calls/41">The other step</a>') if words not in shown] == []


def invitation(state: str, application_id: UUID | None = None) -> InvitationView:
    about = {"expression_id": UUID(int=2), "expression_receipt": "KOL-1", "call_id": UUID(int=1), "call_number": 42}
    call = {"call_title": {"en": "Chairs"}, "region": FULL.region, "opens_at": NOW, "until": UNTIL, "zone": FULL.zone}
    return InvitationView.model_validate({**about, **call, "state": state, "application_id": application_id})


def test_home_says_who_is_invited_and_until_when() -> None:
    begun = invitation("draft", UUID(int=3))
    (act,) = acts_of([invitation("not-begun"), begun, invitation("ended")], "en")
    assert (act.link, act.about) == ("/applications/new?call=42", "Chairs")
    assert "Monday 22 March 2027" in act.hint.replace("\xa0", " "), "the last day, not the midnight after it"
    assert ends_of([begun]) == {UUID(int=3): UNTIL}


def test_officer_reads_who_is_invited_and_what_became_of_it() -> None:
    call = CallView.model_validate(CallAnswer.of(row_of(FULL)).model_dump(mode="json"))
    states = {"not-begun": None, "draft": None, "handed-in": UUID(int=9), "ended": None}
    items = [
        InvitedView.model_validate(
            {
                "expression_id": UUID(int=number), "receipt": f"KOL-{number}", "title": f"Chair {number}", "applicant_name": "Studio",
                "invited_at": NOW, "until": NOW + timedelta(days=number), "state": state, "application_id": application,
            }
        )
        for number, (state, application) in enumerate(states.items(), 1)
    ]  # fmt: skip

    async def read(*_: Any, **__: Any) -> CallView:
        return call

    async def listed(*_: Any, **__: Any) -> PageOfInvitedView:
        return PageOfInvitedView(items=items, total=4, total_is_exact=True, limit=25, next=None)

    services = SimpleNamespace(applications=SimpleNamespace(get_call=read, list_call_invitations=listed))
    shown = _text(asyncio.run(invited(_visit("/officer/calls/1/invitations", services))))
    assert [words for words in ("Not begun", "Draft", "Submitted", "Ended without an application", "Studio") if words not in shown] == []
    assert shown.count("Open the application") == 1, "a draft is not the officers' to read"
    assert f"/officer/applications/{UUID(int=9)}" in shown
