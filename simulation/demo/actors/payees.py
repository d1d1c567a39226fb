"""Who is paid and where: beneficiaries register their own account, finance registers the providers of a region."""

from typing import Any

from operations.client import Person
from simulation.demo.accounts import fictional_account
from simulation.demo.region import Json, Region

PROVIDERS = 6
_TRADES = ("Studio", "Workshop", "Atelier", "Lab", "Press", "Works")


class Payees:
    """`of(case)` is the payee of a case: the beneficiary, or the provider whose service was bought."""

    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api
        self._country = region.policy.calendar.country

    async def of(self, case: str) -> str:
        """The payee's id; registering twice finds the first registration."""
        if not self.region.to_provider:
            return await self._beneficiary(case)
        return await self._provider(self.region.dice.between(1, PROVIDERS, "provider", case))

    async def corrected(self, case: str, disbursement: Json) -> str:
        """After a rejection or a return: another account of the same payee; a beneficiary's then rests for the cooling-off time."""
        mark = f"{disbursement['disbursement_id']} {disbursement['attempt']}"
        if self.region.to_provider:
            return await self._provider(self.region.dice.between(1, PROVIDERS, "provider", case), mark)
        payee, owner = str(disbursement["payee_id"]), self.region.cast.applicant(case)
        await self.api.put(owner, f"/api/payments/payees/{payee}/account", {"account": self._account(case, mark)})
        return payee

    async def _beneficiary(self, case: str) -> str:
        name = f"Beneficiary {case[:8]}"
        body = {"kind": "beneficiary", "region": self.region.id, "organisation_id": case, "name": name, "address": None}
        return await self._register(self.region.cast.applicant(case), body, self._account(case))

    async def _provider(self, number: int, mark: str = "") -> str:
        name = f"{_TRADES[(number - 1) % len(_TRADES)]} Example {number} {self._country}"
        body = {"kind": "provider", "region": self.region.id, "organisation_id": None, "name": name, "address": None}
        return await self._register(self.region.cast.preparer, body, self._account(f"provider {number}", mark))

    async def _register(self, person: Person, body: dict[str, Any], account: dict[str, str]) -> str:
        payee = await self.api.post(person, "/api/payments/payees", body | {"account": account})
        return str(payee["payee_id"])

    def _account(self, whose: str, mark: str = "") -> dict[str, str]:
        return {"iban": fictional_account(self._country, self.region.dice.number("account", self.region.id, whose, mark))}
