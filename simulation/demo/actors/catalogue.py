"""Providers of a region that pays them: firms that register in its catalogue, and an officer who checks and approves each. They are other
firms than those to whom the claims of the demonstration are paid, which finance registers, as the first policies of the regions say."""

from contextlib import suppress
from uuid import UUID

from operations.client import Person, Problem
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.region import Json, Region
from simulation.demo.seeded_random import SeededRandom

LISTED = 3
_OFFERS = (
    ("design", "Design of products, rooms and brands for small firms."),
    ("digital", "Shops, platforms and tools for studios that sell or work on the internet."),
    ("innovation-advice", "Advice on new services, from the idea to the first customer."),
)
_PLACES = {"GR": ("Thessaloniki", "54622", "EL522", "74.12"), "BE": ("Kortrijk", "8500", "BE254", "74.12")}
"""Country → town, postcode, NUTS region and activity of what registers there."""


class Catalogue:
    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api
        self._country = region.policy.calendar.country

    async def fill(self) -> None:
        """Each provider in turn. One that an earlier run has registered stays as it is."""
        for number in range(1, LISTED + 1) if self.region.pays_provider and self._country in _PLACES else ():
            with suppress(Problem):  # which the client has counted; the demonstration goes on without this one
                await self._register(number)

    async def _register(self, number: int) -> None:
        person, officer = Person(f"provider-{self.region.id}-{number}"), self.region.actors.officer
        profile = self._profile(number)
        known = (await self.api.get(person, "/api/people/me"))["organisations"]
        made = known[0] if known else await self.api.post(person, "/api/people/organisations", profile)
        firm = Person(person.subject, UUID(str(made["id"])))
        if (await self.api.get(firm, "/api/payments/provider-registrations"))["items"]:
            return
        service, summary = _OFFERS[(number - 1) % len(_OFFERS)]
        seat = {name: profile["seat"][name] for name in ("street", "postcode", "town", "country")}
        registration = {name: profile[name] for name in ("name", "country", "tax_number")} | {
            "region": self.region.id, "seat": seat, "summary": summary, "services": [service], "owners": [f"Owner Example {number}"],
        }  # fmt: skip
        found = await self.api.post(firm, "/api/payments/provider-registrations", registration)
        one = f"/api/payments/provider-registrations/{found['provider_id']}"
        await self.api.post(officer, f"{one}/check")
        await self.api.post(officer, f"{one}/approval", {"services": [service], "since": self.region.now.date().isoformat()})

    def _profile(self, number: int) -> Json:
        town, postcode, nuts, activity = _PLACES[self._country]
        tax_number = fictional_tax_number(self._country, SeededRandom(f"provider {self.region.id} {number}"))
        currency = self.region.policy.currency
        return {
            "country": self._country, "tax_number": tax_number, "name": f"Example Provider {number} {town}", "nuts": nuts,
            "seat": {"street": f"Example Street {number}", "postcode": postcode, "town": town, "country": self._country},
            "size": {"staff": 4, "turnover_minor": 25_000_000, "balance_minor": 9_000_000, "currency": currency, "year": 2024},
            "activity_code": activity,
        }  # fmt: skip
