"""Providers of a region that pays them: firms that register in its catalogue, and an officer who checks and approves each. Where the policy
has services bought from the catalogue, each states its account, which finance confirms. Else the claims of the demonstration are paid to
other firms, which finance registers."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from operations.client import Person, Problem
from simulation.demo.accounts import fictional_account
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.region import Json, Region
from simulation.demo.seeded_random import SeededRandom

LISTED = 3
REGISTRATIONS = "/api/payments/provider-registrations"
_OFFERS = (
    ("design", "Design of products, rooms and brands for small firms."),
    ("digital", "Shops, platforms and tools for studios that sell or work on the internet."),
    ("innovation-advice", "Advice on new services, from the idea to the first customer."),
)
_PLACES = {"GR": ("Thessaloniki", "54622", "EL522", "74.12"), "BE": ("Kortrijk", "8500", "BE254", "74.12")}
"""Country → town, postcode, NUTS region and activity of what registers there."""


@dataclass(frozen=True)
class Provider:
    """A provider that can be chosen. `person` acts for it."""

    number: int
    person: Person
    provider_id: str
    service: str


class Catalogue:
    """`providers`: by the id of the organisation, those that are registered."""

    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api
        self.providers: dict[str, Provider] = {}
        self._country = region.policy.calendar.country

    async def fill(self) -> bool:
        """Each provider in turn; what an earlier run has done stays. Returns whether one is missing still, which is tried again."""
        wanted = range(1, LISTED + 1) if self.region.pays_provider and self._country in _PLACES else ()
        for number in wanted:
            if number not in self._numbers:
                with suppress(Problem):  # which the client has counted
                    await self.register(number)
        return not self._numbers.issuperset(wanted)

    async def change_account(self, organisation_id: str, version: str) -> None:
        """After a payment to the provider has failed: another account, which finance confirms."""
        provider = self.providers[organisation_id]
        await self._state_account(provider.person, provider.provider_id, provider.number, version)

    def person(self, number: int) -> Person:
        """Who acts for the provider of this number."""
        return Person(f"provider-{self.region.id}-{number}")

    @property
    def _numbers(self) -> set[int]:
        return {provider.number for provider in self.providers.values()}

    async def register(self, number: int) -> None:
        person, profile = self.person(number), self._profile(number)
        known = (await self.api.get(person, "/api/people/me"))["organisations"]
        made = known[0] if known else await self.api.post(person, "/api/people/organisations", profile)
        firm, service = Person(person.subject, UUID(str(made["id"]))), _OFFERS[(number - 1) % len(_OFFERS)][0]
        registered = (await self.api.get(firm, REGISTRATIONS))["items"]
        found = registered[0] if registered else await self.api.post(firm, REGISTRATIONS, self._registration(number, profile))
        await self._approve(found, service)
        if self.region.buys_from_catalogue:
            detail = await self.api.get(firm, f"{REGISTRATIONS}/{found['provider_id']}")
            if detail.get("account") != "in-force":
                await self._state_account(firm, found["provider_id"], number)
        self.providers[str(made["id"])] = Provider(number, firm, found["provider_id"], service)

    def _registration(self, number: int, profile: Json) -> Json:
        service, summary = _OFFERS[(number - 1) % len(_OFFERS)]
        seat = {name: profile["seat"][name] for name in ("street", "postcode", "town", "country")}
        return {name: profile[name] for name in ("name", "country", "tax_number")} | {
            "region": self.region.id, "seat": seat, "summary": summary, "services": [service], "owners": [f"Owner Example {number}"],
        }  # fmt: skip

    async def _approve(self, found: Json, service: str) -> None:
        officer, one, state = self.region.actors.officer, f"{REGISTRATIONS}/{found['provider_id']}", found.get("state", "applied")
        if state == "applied":
            await self.api.post(officer, f"{one}/check")
        if state in ("applied", "in-check"):
            since = self.region.now.date().isoformat()
            await self.api.post(officer, f"{one}/approval", {"services": [service], "since": since})

    async def _state_account(self, firm: Person, provider_id: str, number: int, version: str = "") -> None:
        name = f"Example Provider {number}"
        account = {"iban": fictional_account(self._country, SeededRandom(f"catalogue {self.region.id}").number(number, version))}
        await self.api.put(firm, f"{REGISTRATIONS}/{provider_id}/account", {"name": name, "account": account})
        confirmer, proposals = self.region.actors.account_confirmer, "/api/payments/accounts/proposals"
        for proposal in await self.region.list_all(confirmer, proposals):
            if proposal["name"] == name:
                await self.api.post(confirmer, f"{proposals}/{proposal['proposal_id']}/confirmation")

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
