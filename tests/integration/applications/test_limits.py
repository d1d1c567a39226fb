"""Limits of an applicant over the calls of a scheme: who holds what, and two applications for the last of it at the same moment."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contracts.applications import ApplicationFoundEligible
from shared.contracts.evaluation import AwardGranted
from shared.contracts.vouchers import VoucherClosed
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import VoucherOutcome
from simulation.sample_answers import with_own_answers
from tests.integration.applications.conftest import Desk
from tests.support.applications import BOOK, FIRM, form_with

NOW = datetime(2026, 12, 14, 12, tzinfo=UTC)
SEATS = {"hr-koprivnica": ("HR", "HR063"), "be-kortrijk": ("BE", "BE254")}


class Scheme:
    """Calls of one scheme and the applications of one firm in them, on the desk."""

    def __init__(self, desk: Desk, region: str, scheme: str) -> None:
        self.desk, self.region, self.scheme = desk, region, scheme
        self.policy = BOOK.resolve(region, scheme, NOW.date())
        self.officer = Actor("officer-9", grants({Role.OFFICER}, {region}))
        self.firm = Actor("applicant-9", grants({Role.APPLICANT}, {region}), FIRM)

    async def call(self, slug: str) -> str:
        definition = {
            "id": slug, "region": self.region, "scheme": self.scheme, "title": dict.fromkeys(self.policy.languages, slug),
            "opens_at": "2026-12-10T10:00:00", "closes_at": "2027-01-15T12:00:00", "evaluation_due": "2027-02-12",
            "reserve_list_ends": "2027-04-30", "reminders_before_days": [3], "envelope_minor": 10_000_000, "currency": self.policy.currency,
        }  # fmt: skip
        self.desk.clock.instant = datetime(2026, 12, 2, 9, tzinfo=UTC)
        identity: str = (await self.desk.request(self.officer, "POST", "/calls", 201, json=definition))["id"]
        self.desk.clock.instant = NOW
        return identity

    async def submitted(self, call_id: str, kind: str, cost: int, asked: int) -> str:
        country, nuts = SEATS[self.region]
        form = form_with(
            applicant__country=country, applicant__nuts=nuts, costs__total_cost_minor=cost, costs__requested_minor=asked,
            costs__own_contribution_minor=cost - asked, project__title=f"{kind} for {asked} in {call_id}",
            project__starts_on="2027-02-01", project__ends_on="2027-06-30",
        )  # fmt: skip
        form["language"] = self.policy.languages[0]
        form["extra"] = {"voucher-type": kind, **({"recovers-vat": False} if self.policy.vat and self.region != "be-kortrijk" else {})}
        form["applicant"]["activity_revision"] = "rev-2"
        definition = BOOK.form_in_force(self.region, self.policy.scheme, NOW.date())
        body = {"call_id": call_id, "form": with_own_answers(form, definition)}
        identity: str = (await self.desk.request(self.firm, "POST", "/applications", 201, key=f"key-{new_id()}", json=body))["id"]
        await self.desk.request(self.firm, "POST", f"/applications/{identity}/submission")
        return identity

    async def screened(self, application_id: str) -> Any:
        found = await self.desk.request(self.officer, "POST", f"/applications/{application_id}/screening")
        rules = found["assessment"]["rules"]
        return [rule["rule"] for rule in rules if not rule["passed"]], found["assessment"]["amount_minor"]

    async def lapsed(self, call_id: str, application_id: str) -> None:
        about = {"application_id": UUID(application_id), "call_id": UUID(call_id), "region": self.region}
        granted = AwardGranted(
            **about, award_id=new_id(), grant_number=1, organisation_id=FIRM, scheme=self.scheme, amount_minor=600_000, currency="EUR",
            policy_id=self.policy.id, rank=1, from_reserve=False,
        )  # fmt: skip
        await self.desk.deliver(granted)
        await self.desk.deliver(VoucherClosed(**about, voucher_id=new_id(), outcome=VoucherOutcome.LAPSED))


async def test_two_vouchers_of_different_types_over_all_calls(desk: Desk) -> None:
    """Croatia, Vaučeri za digitalizaciju: at most two for an applicant, of different types. A lapsed one frees its place."""
    scheme = Scheme(desk, "hr-koprivnica", "vauceri-za-digitalizaciju")
    first, second, third, fourth = [await scheme.call(f"call-{number}") for number in range(4)]
    skills = await scheme.submitted(first, "digital-skills", 1_000_000, 600_000)
    assert await scheme.screened(skills) == ([], 600_000)
    again = await scheme.submitted(second, "digital-skills", 1_000_000, 500_000)
    before = await desk.request(scheme.firm, "GET", f"/applications/{again}/eligibility", language="hr")
    [unmet] = [rule for rule in before["rules"] if not rule["passed"]]
    assert (unmet["rule"], unmet["message"], unmet["field"]) == (
        "one-of-a-type", "Prijavitelj već ima vaučer ove vrste: drugi mora biti druge vrste.", "extra.voucher-type",
    )  # fmt: skip
    assert await scheme.screened(again) == (["one-of-a-type"], 500_000)
    cyber = await scheme.submitted(third, "cyber-resilience", 2_000_000, 1_200_000)
    assert await scheme.screened(cyber) == ([], 1_200_000)
    more = await scheme.submitted(fourth, "complex-solutions", 2_000_000, 1_200_000)
    preview = await desk.request(scheme.officer, "GET", f"/calls/{fourth}/screening")
    assert [one["failing"] for one in preview["items"]] == [["vouchers-most"]]
    await scheme.lapsed(first, skills)
    assert await scheme.screened(more) == ([], 1_200_000)
    terms = [event.body["terms"] for event in await desk.events(ApplicationFoundEligible)]
    assert [(one["voucher_type"], one["intensity_bp"], one["largest_minor"], one["recovers_vat"]) for one in terms] == [
        ("digital-skills", 6_000, 999_000, False), ("cyber-resilience", 6_000, 1_450_000, False),
        ("complex-solutions", 6_000, 1_990_000, False),
    ]  # fmt: skip


async def test_two_applications_for_the_last_of_the_year_share_it(desk: Desk) -> None:
    """Flanders, kmo-portefeuille: EUR 7,500 in a calendar year. Screened at the same moment, one gets all and the other what is left."""
    scheme = Scheme(desk, "be-kortrijk", "kmo-portefeuille")
    calls = [await scheme.call(f"call-{number}") for number in range(3)]
    ids = [await scheme.submitted(call, "training", 2_000_000, 500_000) for call in calls[:2]]
    found = await asyncio.gather(*(scheme.screened(identity) for identity in ids))
    assert sorted(amount for _, amount in found) == [250_000, 500_000]
    assert [failed for failed, _ in found] == [[], []]
    late = await scheme.submitted(calls[2], "training", 2_000_000, 100_000)
    shown = await desk.request(scheme.firm, "GET", f"/applications/{late}/eligibility")
    assert (shown["year_left_minor"], shown["year_excess"], shown["value"]["intensity_bp"]) == (0, "cut", 3_000)
    assert await scheme.screened(late) == (["year-most"], 0)
    events = await desk.events(ApplicationFoundEligible)
    assert sorted(event.body["terms"]["largest_minor"] for event in events) == [250_000, 500_000]  # no later change adds to the year


async def test_everybody_reads_types_and_rates_of_a_call(desk: Desk) -> None:
    scheme = Scheme(desk, "be-kortrijk", "kmo-portefeuille")
    await scheme.call("call-1")
    [listed] = (await desk.client.get("/api/applications/open-calls")).json()["items"]
    rules = (await desk.client.get(f"/api/applications/open-calls/{listed['number']}")).json()["by_case"]
    assert ([one["id"] for one in rules["voucher_types"]], len(rules["rates"])) == (["training", "cybersecurity"], 6)
    assert (rules["yearly_minor"], rules["yearly_excess"], rules["vat_eligible"]) == (750_000, "cut", "never")
    firm = {
        "nuts": "BE254", "activity_code": "74.10", "staff": 60, "small_accounts": True, "public_control": False,
        "total_cost_minor": 1_000_000, "requested_minor": 200_001, "aid_minor": 0, "voucher_type": "training",
    }  # fmt: skip
    answer = await desk.client.post(f"/api/applications/open-calls/{listed['number']}/eligibility", json=firm)
    assert [rule["rule"] for rule in answer.json()["rules"] if not rule["passed"]] == [
        "intensity", "own-contribution",  # 20 and 80 % of a medium-sized firm
    ]  # fmt: skip
    micro = await desk.client.post(f"/api/applications/open-calls/{listed['number']}/eligibility", json={**firm, "staff": 4})
    assert micro.json()["eligible"], micro.json()  # 30 % of a firm that is small by its staff
