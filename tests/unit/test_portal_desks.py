"""What a hostile or a careless person sends to the desks: nothing is cut or forgotten in silence, and nothing fails."""

import asyncio
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from starlette.requests import Request

from portal.client.applications import FoundCasesView
from portal.client.base import ApiProblem
from portal.client.evaluation import DrawView
from portal.finance import approvals
from portal.finance.acts import Act
from portal.kit import lists
from portal.kit.forms import Form
from portal.kit.reader import Reader, day_of
from portal.kit.visit import Regions, Visit
from portal.officer import claims, home, screening
from portal.programme import audit, search
from portal.public import draw
from tests.unit.test_portal_draw import APPLICATIONS, before_the_draw, drawn

REGION, CALL = "hr-koprivnica", UUID(int=7)


class Visitor(Visit):
    """At a desk, without any role: what is asked of the services, `services` answers."""

    regions_by_role = {}  # type: ignore[assignment]  # noqa: RUF012

    async def caller(self) -> Any:
        return "caller"

    async def regions(self, newer_than: float | None = None) -> Regions:
        return Regions()

    async def at(self, region_id: str) -> None:
        pass


async def _nothing(*_: Any, **__: Any) -> Any:
    return []


def visitor(path: str = "/", query: Any = (), form: Any = (), kept: Any = None, language: str = "en", **services: Any) -> Visitor:
    """`kept`: what was typed on the page before a fresh sign-in."""
    session = SimpleNamespace(kept={} if kept is None else {path: kept}, organisation=UUID(int=2), model_copy=lambda update: None)
    services["store"] = SimpleNamespace(change=_nothing)
    scope = {"type": "http", "method": "GET", "path": path, "query_string": urlencode(query).encode(), "headers": [], "path_params": {}}
    return Visitor(Request(scope), SimpleNamespace(**services), language, session=session, form=Form.of(form))  # type: ignore[arg-type]


def prepared(number: int, **values: Any) -> Any:
    account = SimpleNamespace(account="HR12", name="Studio")
    rest = {"state": "prepared", "currency": "EUR", "amount_minor": 100, "payee_name": "Studio", "voucher_code": None, "region": REGION}
    rest |= {"waits_for": None, "attempt": 1, "approvals_needed": 1, "payment_hash": "0" * 64, "account": account}
    return SimpleNamespace(**{"disbursement_id": UUID(int=number), **rest, **values})


def payments(**decided: Any) -> Any:
    """Any payment waits for an approval, except those that are `decided`, by number."""

    async def get(_caller: object, identity: UUID) -> Any:
        return prepared(identity.int, **decided.get(f"of_{identity.int}", {}))

    async def standing(_caller: object, _identity: UUID) -> Any:
        return SimpleNamespace(closed={})

    return SimpleNamespace(get_disbursement=get, get_disbursement_standing=standing)


def content(response: Any) -> str:
    return " ".join(response.body.decode().split())


def test_what_is_chosen_beyond_the_most_is_said() -> None:
    chosen = [("id", str(UUID(int=number))) for number in [*range(1, 104), 1]] + [("id", "no id")]
    shown = content(asyncio.run(approvals.check(visitor(query=chosen, payments=payments(of_2={"state": "approved"})))))
    assert "99 payments." in shown
    assert shown.count('name="item"') == 99
    assert "3 payments that you chose are not here: at most 100" in shown
    assert "1 payment that you chose does not wait for an approval any more" in shown


def test_choice_outlives_a_fresh_sign_in() -> None:
    kept = [("item", f"{UUID(int=number)}:{'0' * 64}") for number in (1, 2)] + [("item", "no id:x"), ("total", "200")]
    shown = content(asyncio.run(approvals.check(visitor(kept=kept, payments=payments()))))
    assert "2 payments." in shown
    assert "Nothing is done yet" in shown


def test_hidden_value_outlives_a_fresh_sign_in() -> None:
    act = Act("Confirm", ["It is done."], "Confirm", step=lambda *_: asyncio.sleep(0), back="/", done="/", values={"hidden": {"read": ""}})
    assert 'name="read" value="what was read"' in content(asyncio.run(act.ask(visitor(kept=[("read", "what was read")]))))


def test_page_that_needs_all_rows_reads_all_pages() -> None:
    async def ask(*, limit: int, cursor: str | None = None, state: str) -> Any:
        place = int(cursor or 0)
        return SimpleNamespace(items=[(state, place)], next=str(place + 1) if place < 2 else None)

    assert asyncio.run(lists.every(ask, state="open")) == [("open", 0), ("open", 1), ("open", 2)]


@pytest.mark.parametrize("typed", ["9999-12-31", "0001-01-01", "1899-12-31", "3000-01-01", "2026-02-30", "", "tomorrow"])
def test_day_that_nobody_means_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"not a day|isoformat|day is out|range"):
        day_of(typed)
    reader = Reader([("on", typed)], "en")
    assert reader.day("on", "Enter a day") is None
    assert reader.errors == {"on": "Enter a day"}


def test_sample_of_the_end_of_the_calendar_is_refused() -> None:
    asked = {"region": REGION, "seed": "x", "until": "9999-12-31"}
    response = asyncio.run(audit.samples(visitor("/audit/samples", asked)))
    assert "Enter a day like 2026-12-31" in content(response)
    assert day_of("2026-12-31") == date(2026, 12, 31)


def test_act_with_unreadable_ids_is_none_on_the_whole_call() -> None:
    """The service takes an act without ids as one on the whole call."""
    visit = visitor(form=[("action", "screen"), ("application", "no id")])
    with pytest.raises(ApiProblem) as refused:
        asyncio.run(screening.do_bulk(visit))
    assert refused.value.status == 404


def test_cut_of_nothing_is_refused_at_its_field() -> None:
    line = SimpleNamespace(number=1, cut_minor=None, cut_reason=None)
    shown: dict[str, Any] = {}

    async def claim(*_: Any) -> Any:
        return SimpleNamespace(claim_id=UUID(int=1), region=REGION, currency="EUR", lines=[line])

    async def page(_visit: Visit, form: Reader) -> Any:
        shown.update(form.errors)

    visit = visitor(form=[("act-1", "cut"), ("cut-1", "0"), ("reason-1", "Why not")], payments=SimpleNamespace(get_claim=claim))
    visit.request.scope["path_params"] = {"claim_id": UUID(int=1), "number": 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "_page", page)
        asyncio.run(claims.check_line(visit))
    assert set(shown) == {"cut-1"}


@pytest.mark.parametrize(("sent", "accepted"), [("900", True), ("1000", False), ("", False)])
def test_claim_is_accepted_for_the_sum_that_was_read(sent: str, accepted: bool) -> None:
    """Another officer may have cut a line since."""
    taken = []

    async def claim(*_: Any) -> Any:
        return SimpleNamespace(claim_id=UUID(int=1), region=REGION, computation=SimpleNamespace(paid_minor=900))

    async def accept(*_: Any) -> None:
        taken.append(1)

    async def page(_visit: Visit, _act: str, form: Reader) -> Any:
        assert list(form.errors) == [""]

    visit = visitor(form=[("sum", sent)], payments=SimpleNamespace(get_claim=claim, post_claim_acceptance=accept))
    visit.request.scope["path_params"] = {"claim_id": UUID(int=1)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "_act_page", page)
        asyncio.run(claims.accept(visit))
    assert bool(taken) is accepted


@pytest.mark.parametrize(("role", "found"), [("officer", True), ("finance", False)])
def test_search_finds_applications_by_name_for_officers(monkeypatch: pytest.MonkeyPatch, role: str, *, found: bool) -> None:
    async def unknown(*_: Any, **__: Any) -> Any:
        raise ApiProblem(404, {"code": "unknown-reference"})

    async def named(_caller: object, *, text: str, region: str | None) -> FoundCasesView:
        assert (text, region) == ("slag", None)
        one = {"id": UUID(int=3), "call_id": CALL, "region": REGION, "receipt": "KPR-1", "state": "submitted", "title": None}
        view = {"items": [one | {"applicant_name": "Studio Šlag"}], "more": 4, "searched_all": False}
        return FoundCasesView.model_validate(view)

    services = {name: SimpleNamespace(get_lookup=unknown) for name in ("evaluation", "vouchers", "payments")}
    monkeypatch.setattr(Visitor, "regions_by_role", {role: [REGION]})
    visit = visitor("/search", [("ref", "slag")], applications=SimpleNamespace(get_lookup=unknown, get_found_cases=named), **services)
    shown = content(asyncio.run(search.search(visit)))
    said = ("Application without a title, Studio Šlag, KPR-1", "4 other applications fit too", "Only the newest applications", "Koprivnica")
    assert [words in shown for words in said] == [found] * len(said)
    assert ("Nothing that you may see" in shown) is not found


def test_end_is_shown_as_its_last_minute_and_an_opening_not() -> None:
    noon, day_after = datetime(2026, 3, 2, 11, tzinfo=UTC), datetime(2026, 3, 3, 11, tzinfo=UTC)
    call: Any = SimpleNamespace(
        opens_at=noon, closes_at=day_after, evaluation_due_at=noon, as_of=datetime(2026, 3, 2, 10, tzinfo=UTC), zone="Europe/Zagreb"
    )
    said = {words: shown for _at, shown, words, _call in home._deadlines([call], "en")}
    assert "12:00" in said["opens"]
    assert "11:59" in said["closes"]
    assert "11:59" in said["evaluation is due"]


def test_what_was_done_is_not_said_again_by_a_link() -> None:
    assert visitor("/lists", [("done", "saved"), ("state", "open")]).with_query(sort="name") == "/lists?state=open&sort=name"


def drawn_call(answer: DrawView) -> dict[str, Any]:
    """The services for a call with this draw, of which the person's organisation has one application."""
    values = {"id": CALL, "number": 7, "title": {"en": "Creative voucher"}, "region": REGION, "zone": "Europe/Brussels"}
    call = SimpleNamespace(**values, selection_method="draw")

    async def open_call(*_: Any, **__: Any) -> Any:
        return call

    async def draw_of(*_: Any) -> Any:
        return answer

    async def mine(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(items=[SimpleNamespace(id=APPLICATIONS[1], receipt="KRT-7")])

    applications = SimpleNamespace(get_open_call=open_call, list_applications=mine)
    return {"applications": applications, "evaluation": SimpleNamespace(get_open_draw=draw_of)}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            drawn(),
            [
                "commitment, list, seed and order fit together",
                "Yours: KRT-7",
                "stands here. The draw decides the whole order",
                "import hashlib, hmac, json",
            ],
        ),
        (drawn().model_copy(update={"seed": "0" * 64}), ["The published values do not fit together"]),
        (before_the_draw(), ["Nothing is drawn yet", "public randomness of drand as well"]),
    ],
)
def test_proof_of_a_draw_stands_on_its_page(answer: DrawView, said: list[str]) -> None:
    visit = visitor("/calls/7/draw", **drawn_call(answer))
    visit.request.scope["path_params"] = {"number": "7"}
    shown = content(asyncio.run(draw.draw(visit)))
    assert [words for words in said if words not in shown] == []


def test_published_list_is_given_as_it_was_hashed() -> None:
    visit = visitor("/calls/7/draw", [("as", "list")], **drawn_call(drawn()))
    visit.request.scope["path_params"] = {"number": "7"}
    assert asyncio.run(draw.draw(visit)).body.decode() == drawn().list_text
