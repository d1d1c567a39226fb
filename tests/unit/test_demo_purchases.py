"""What the two sides of an order, the officers of the catalogue, appellants and linked firms of the demonstration request."""

from typing import Any
from uuid import UUID

import pytest

from operations.client import Person
from simulation.demo.actors.appeals import Appeals
from simulation.demo.actors.beneficiary import Beneficiaries
from simulation.demo.actors.catalogue import LISTED, Catalogue, Provider
from simulation.demo.actors.orders import Orders
from simulation.demo.actors.payees import Payees
from simulation.demo.actors.provider_checks import ProviderChecks
from simulation.demo.actors.undertaking import declare_links, link_firms
from simulation.demo.behaviour import PlannedOutcome
from simulation.demo.load import DemoOptions, load_regions
from simulation.demo.region import Region
from tests.unit.test_demo_actors import BEHAVIOUR, ORGANISATIONS, Recorder, days_ago, region, snapshot_of

PLANS = {case: BEHAVIOUR.voucher_plan(case) for case in ORGANISATIONS}
CASE = next(case for case, plan in PLANS.items() if plan.outcome is PlannedOutcome.PLAIN and plan.parts == (100,))
ORDER = "00000000-0000-4000-8000-0000000000aa"


def buying() -> tuple[Region, Recorder, Catalogue]:
    """A region that buys from its catalogue, of two providers."""
    place, recorder = region("gr-central-macedonia")
    catalogue = Catalogue(place)
    for number in (1, LISTED):
        catalogue.providers[f"firm-{number}"] = Provider(number, Person(f"seller-{number}", UUID(int=number)), f"p{number}", "design")
    return place, recorder, catalogue


def order(state: str, number: int = LISTED, **changed: Any) -> dict[str, Any]:
    usual = {"order_id": ORDER, "voucher_id": "v", "state": state, "organisation_id": CASE, "provider_organisation_id": f"firm-{number}"}
    usual |= {"provider_id": f"p{number}", "description": "order 0-1", "draft_id": None, "agreed_minor": 1_000, "currency": "EUR"}
    return (
        usual | {"placed_at": days_ago(30), "answer_by": days_ago(-5), "answered_at": days_ago(20), "redeemed_at": days_ago(10)} | changed
    )


@pytest.mark.parametrize(
    ("orders", "routes", "actor"),
    [
        ([], ["orders"], "applicant"),
        ([order("placed")], ["acceptance"], "seller"),
        ([order("placed", answer_by=days_ago(1))], ["cancellation"], "applicant"),
        ([order("accepted")], ["redemption"], "seller"),
        ([order("redeemed", draft_id=ORDER)], [None, "files", "invoice"], "seller"),
        ([order("invoiced", draft_id=ORDER)], ["files", "files", "confirmation"], "applicant"),
        ([order("confirmed", draft_id=ORDER)], [], ""),
        ([order("rerouted")], ["orders"], "applicant"),
    ],
    ids=["first", "placed", "late", "accepted", "redeemed", "invoiced", "confirmed", "rerouted"],
)
async def test_order_goes_on_by_the_side_whose_turn_it_is(orders: list[Any], routes: list[str | None], actor: str) -> None:
    place, recorder, catalogue = buying()
    snapshot = snapshot_of(CASE)
    snapshot.orders = orders
    await Orders(place, catalogue).act(snapshot)
    await Beneficiaries(place, Payees(place, catalogue)).act(snapshot)  # claims follow from orders alone
    assert [known if known in routes else None for known in recorder.routes] == routes
    assert all(person.startswith(actor) for person, _, _ in recorder.requests)
    for _, path, body in recorder.requests:
        if path.endswith("/orders") and orders:
            assert (body["provider_id"], body["replaces"]) == ("p1", ORDER)


@pytest.mark.parametrize(
    ("registration", "state", "routes", "officer"),
    [
        ({"state": "approved"}, "accepted", ["suspension"], 1),
        ({"state": "approved"}, "rerouted", [], 1),
        ({"state": "suspended", "decided_at": days_ago(40)}, "rerouted", ["resumption"], 2),
        ({"state": "suspended", "decided_at": days_ago(1)}, "rerouted", [], 2),
    ],
    ids=["once", "not-again", "over", "not-over"],
)
async def test_provider_is_suspended_once_and_comes_back(registration: Any, state: str, routes: list[str], officer: int) -> None:
    place, recorder, catalogue = buying()
    recorder.listed = [{"organisation_id": f"firm-{LISTED}", "provider_id": f"p{LISTED}", "listed": False, **registration}]
    snapshot = snapshot_of(CASE)
    snapshot.orders = [order(state)]
    await ProviderChecks(place, catalogue).act(snapshot)
    persons = [place.actors.officer.subject, place.actors.second_officer.subject]
    assert (recorder.routes, {person for person, _, _ in recorder.requests} <= {persons[officer - 1]}) == (routes, True)
    assert place.unlisted_providers == {f"firm-{LISTED}"}


async def test_appeals_are_lodged_decided_and_the_list_revised() -> None:
    """Two nearest to the cut-off; the first is upheld; another list is approved by who decided none of them."""
    place, recorder = region("gr-central-macedonia")
    ranking: dict[str, Any] = {"state": "approved", "appeals_over_at": None, "open_appeals": 0, "list_hash": "hash"}
    ranking["waits_for"] = {"screening": False, "unassigned_seats": 0, "evaluations": 0}
    ranking["entries"] = [
        {"application_id": str(rank), "listed_as": listed, "listed_rank": rank, "withdrawn": False}
        for rank, listed in ((1, "granted"), (4, "reserve"), (2, "reserve"), (3, "reserve"))
    ]

    async def get(person: Any, path: str, **query: Any) -> Any:
        return ranking

    async def listed(person: Person, path: str, **query: Any) -> list[Any]:
        known = [{"application_id": str(n), "organisation_id": CASE} for n in range(5)] if path.endswith("cases") else []
        return known or recorder.listed

    recorder.get, place.list_all = get, listed  # type: ignore[method-assign,assignment]
    appeals = Appeals(place)
    assert await appeals.act()
    assert [path.split("/")[-2] for _, path, _ in recorder.requests] == ["2", "3"]
    recorder.listed = [{"id": f"a{n}", "application_id": str(n), "state": "lodged"} for n in (2, 3)]
    recorder.requests.clear()
    await appeals.act()
    assert [(path[-11:-9], body.get("rescoring")) for _, path, body in recorder.requests] == [("a2", "same-evaluators"), ("a3", None)]
    decider, _, _ = recorder.requests[0]
    recorder.listed, ranking["state"] = [{"id": "a2", "application_id": "2", "state": "upheld"}], "revising"
    recorder.requests.clear()
    assert await appeals.act()
    assert (place.upheld, recorder.routes) == ({"2"}, ["approval"])
    assert decider != recorder.requests[0][0]
    ranking["state"] = "decided"
    assert not await appeals.act()


async def test_linked_firms_have_room_for_one_of_them() -> None:
    """In a region whose currency is the euro; the amounts that are asked for follow from the published list."""
    recorder = Recorder()
    loaded, _ = load_regions(recorder, region()[0].clock, DemoOptions("triptych", regions=["hr-koprivnica", "dk-kolding"]))  # type: ignore[arg-type]
    for place in loaded:
        link_firms(place)
    here, elsewhere = sorted(loaded, key=lambda place: place.id, reverse=True)
    forms = {row["organisation_id"]: row["form"] for row in here.rows}
    first, *others = here.linked
    [aid] = forms[first]["de_minimis"]["aid"]
    asked = [forms[case]["costs"]["requested_minor"] for case in here.linked]
    assert aid["amount_minor"] + asked[0] == here.policy.de_minimis.ceiling_minor < aid["amount_minor"] + asked[0] + min(asked)
    assert (len(others), elsewhere.linked) == (BEHAVIOUR.profile.linked_firms - 1, [])
    here.organisations.id_of = lambda case: str(UUID(case))  # type: ignore[method-assign]
    recorder.get = _firm  # type: ignore[method-assign]
    await declare_links(here)
    assert recorder.routes == ["links"] * len(others)


async def _firm(person: Any, path: str, **query: Any) -> Any:
    return {"country": "HR", "tax_number": "1", "name": "Firm"}
