"""Payees and their accounts: beneficiaries register their own account, finance registers the providers of a region. A finance officer who
has no part in payments confirms what needs a second person."""

from operations.client import Person
from simulation.demo.accounts import fictional_account
from simulation.demo.actors.catalogue import Catalogue
from simulation.demo.region import Json, Region

PROVIDERS = 6
_TRADES = ("Studio", "Workshop", "Atelier", "Lab", "Press", "Works")


class Payees:
    """`of(case)` is the payee of a case: the beneficiary, or the provider of the service."""

    def __init__(self, region: Region, catalogue: Catalogue | None = None) -> None:
        self.region, self.api, self.catalogue = region, region.api, catalogue or Catalogue(region)
        self._country = region.policy.calendar.country

    async def of(self, case: str) -> str:
        """Returns the payee's id. Registering a second time finds the first registration."""
        if not self.region.pays_provider:
            return await self._beneficiary(case)
        return await self._provider(self.region.random.between(1, PROVIDERS, "provider", case))

    async def corrected(self, case: str, disbursement: Json, provider: str | None = None) -> str:
        """Returns the payee with another account, after a rejection or return. The new account has a cooling-off time. `provider`: the
        organisation that is paid, of the catalogue."""
        version = f"{disbursement['disbursement_id']} {disbursement['attempt']}"
        if provider is not None:
            await self.catalogue.change_account(provider, version)
            return str(disbursement["payee_id"])
        if self.region.pays_provider:
            return await self._provider(self.region.random.between(1, PROVIDERS, "provider", case), version)
        payee, owner = str(disbursement["payee_id"]), self.region.actors.applicant(case)
        changed = await self.api.put(owner, f"/api/payments/payees/{payee}/account", {"account": self._account(case, version)})
        return await self._confirmed(changed)

    async def _beneficiary(self, case: str) -> str:
        name = f"Beneficiary {case[:8]}"
        return await self._register(self.region.actors.applicant(case), "payees", name, self._account(case))

    async def _provider(self, number: int, version: str = "") -> str:
        name = f"{_TRADES[(number - 1) % len(_TRADES)]} Example {number} {self._country}"
        return await self._register(self.region.actors.account_keeper, "providers", name, self._account(f"provider {number}", version))

    async def _register(self, person: Person, kind: str, name: str, account: dict[str, str]) -> str:
        body = {"region": self.region.id, "name": name, "account": account}
        return await self._confirmed(await self.api.post(person, f"/api/payments/{kind}", body))

    async def _confirmed(self, payee: Json) -> str:
        """Confirms the account that waits for a second person, if there is one. Returns the payee's id."""
        if payee["proposal"]:
            path = f"/api/payments/accounts/proposals/{payee['proposal']['proposal_id']}/confirmation"
            await self.api.post(self.region.actors.account_confirmer, path)
        return str(payee["payee_id"])

    def _account(self, whose: str, version: str = "") -> dict[str, str]:
        return {"iban": fictional_account(self._country, self.region.random.number("account", self.region.id, whose, version))}
