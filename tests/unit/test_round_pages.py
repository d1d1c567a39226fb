"""The pages of a rolling call: the public page says its rounds, the officer types its cut-offs."""

import asyncio
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from starlette.requests import Request

from portal.client.applications import CallDraftView, OpenCallDetail
from portal.client.applications import CallView as SentCall
from portal.client.base import Caller
from portal.kit.forms import Form
from portal.kit.pages import page
from portal.kit.visit import Region, Visit
from portal.officer.calls import ask_extension
from portal.officer.drafts import save
from services.applications.domain.call_drafts import CallContent
from services.applications.queries.drafted_calls import call_row
from services.applications.queries.open_calls import public_detail
from services.applications.queries.views import CallView, RoundView
from services.applications.tables import CallRow
from shared.policy.call import rounds_of
from shared.policy.cut_offs import CutOffs
from shared.texts.formats import last_moment
from tests.support.applications import BOOK
from tests.unit.test_rounds import POLICY, call

NOW = datetime(2027, 3, 5, 9, tzinfo=UTC)
CONTEXT: Any = SimpleNamespace(policies=BOOK, now=NOW)


def rounds() -> list[CallRow]:
    """Three rounds; the first is closed, the second open."""
    found = []
    for number, one in enumerate(rounds_of(call(CutOffs(every_months=1))), 1):
        row = call_row(CONTEXT, UUID(int=number), one, POLICY, None, date(2027, 3, 1))
        row.number = 40 + number
        for state in (("open", "closed"), ("open",), ())[number - 1]:
            row.state = state
        found.append(row)
    return found


def detail_of(at: int) -> OpenCallDetail:
    rows = rounds()
    views = [RoundView.model_validate(row, from_attributes=True) for row in rows]
    detail = public_detail(CONTEXT, rows[at], POLICY, []).model_copy(update={"rounds": views})
    return OpenCallDetail.model_validate(detail.model_dump(mode="json"))


def public_page(at: int) -> str:
    shown = detail_of(at)
    visit = Visit(_request("/calls/42"), SimpleNamespace(), "en")  # type: ignore[arg-type]
    answer = page(visit, "public/call.html", call=shown, places=["Kraków"], activities=["74.10"])
    return bytes(answer.body).decode().replace("\xa0", " ")


def _request(path: str) -> Request:
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    return Request({**scope, "path_params": {"draft_id": UUID(int=7)}})


def test_page_of_a_round_says_its_cut_off_and_the_next_one() -> None:
    shown = public_page(1)
    assert "This is round 2 of 3." in shown
    assert "Who is not ready by then may apply in the next round" in shown
    assert '<a class="govuk-link" href="/calls/41">Round 1</a>' in shown
    assert "(closed)" in shown
    assert 'href="/calls/42">Round 2' not in shown
    assert "It is the last round." in public_page(2)


class Officer(Visit):
    async def caller(self) -> Caller:
        return Caller()

    async def at(self, region: str) -> None:
        self.place = Region(region, {"en": "Małopolska"}, POLICY.zone)

    async def region(self, name: str) -> Region:
        return Region(name, {"en": "Małopolska"}, POLICY.zone)

    async def take_kept(self) -> None:
        return None


def extension_page(at: int) -> str:
    row = rounds()[at]
    row.published_at = NOW
    sent = CallView.of(row).model_dump(mode="json")

    async def get_call(*_: Any) -> SentCall:
        return SentCall.model_validate(sent)

    async def get_open_call(*_: Any) -> OpenCallDetail:
        return detail_of(at)

    services: Any = SimpleNamespace(applications=SimpleNamespace(get_call=get_call, get_open_call=get_open_call))
    request = _request(f"/officer/calls/{row.id}/extension")
    request.scope["path_params"] = {"call_id": row.id}
    answer = asyncio.run(ask_extension(Officer(request, services, "en")))
    return bytes(answer.body).decode().replace("\xa0", " ")


def test_extension_page_says_where_the_next_round_ends() -> None:
    third = last_moment(rounds()[2].closes_at, POLICY.zone, "en")
    assert f"The next round ends on {third}, and does not move with this one." in extension_page(1)
    assert "The next round" not in extension_page(2)


def draft_page(**typed: str) -> tuple[str, int, list[Any]]:
    """The page after a save, its status, and what the service got."""
    content = CallContent(id="bony-2027", title={"en": "Call"}, cut_offs=CutOffs(every_months=1))
    got: list[Any] = []
    known = {
        **dict.fromkeys(CallDraftView.model_fields), "id": UUID(int=7), "region": POLICY.region, "scheme": POLICY.scheme, "state": "draft",
        "version": 1, "content": content.model_dump(mode="json"), "currency": "PLN", "zone": POLICY.zone, "languages": ["pl", "en"],
        "faults": [], "title": {"en": "Call"}, "above_ceiling": False, "own": True, "created_at": NOW, "changed_at": NOW,
        "created_by": "a", "changed_by": "a", "returned_words": "",
    }  # fmt: skip

    async def read(*_: Any) -> CallDraftView:
        return CallDraftView.model_validate(known)

    async def put(_caller: Caller, _draft: Any, body: Any) -> CallDraftView:
        got.append(body)
        return await read()

    services: Any = SimpleNamespace(applications=SimpleNamespace(get_call_draft=read, put_call_draft=put))
    visit = Officer(_request("/officer/drafts/7"), services, "en", form=Form.of([("version", "1"), *typed.items()]))
    answer = asyncio.run(save(visit))
    return bytes(answer.body).decode(), answer.status_code, got


def test_cut_offs_are_saved_or_errors_stand_at_their_fields() -> None:
    _, status, [body] = draft_page(every_months="1", parts="50, 30, 20")
    assert (status, body.content.cut_offs.every_months, body.content.cut_offs.parts_bp) == (303, 1, [5_000, 3_000, 2_000])
    shown, status, got = draft_page(cut_offs="1 March", id="bony-2027")
    assert (status, got) == (422, [])
    assert 'href="#cut_offs"' in shown
    assert 'value="1 March"' in shown
