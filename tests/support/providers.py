"""Providers of the catalogue, on the desk of payments."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from stdnum.iso7064 import mod_11_10

from services.payments.commands.apply_as_provider import JointWork, NewProvider, Seat, apply_as_provider
from services.payments.commands.approve_provider import approve_provider
from services.payments.commands.begin_provider_check import begin_provider_check
from services.payments.commands.confirm_account import confirm_account
from services.payments.commands.state_provider_account import state_provider_account
from services.payments.domain.accounts import payee_id_of
from services.payments.domain.catalogue import Approval
from services.payments.steps.parties import relations_of_provider
from services.payments.tables import ProviderRow
from shared.contracts.applications import ApplicationFoundEligible
from shared.contracts.common import Relation
from shared.identity.actor import Actor, Role
from shared.kernel.ids import new_id
from simulation.demo.accounts import fictional_account
from tests.support.payments import Payments, Voucher

KEY = bytes(32)
OIB = "69435151530"
"""Of the Ministry of Finance of Croatia: python-stdnum's own example."""
SEAT = Seat("Primjer ulica 1", "48000", "Koprivnica", "HR")
PROVIDER = NewProvider(
    region="hr-koprivnica", name="Sample Design Bureau d.o.o.", country="HR", tax_number=OIB, seat=SEAT, website="https://studio.example",
    summary="Design of products and services.", services=["design", "digital"], owners=["Ana Primjer"], kin=["Iva Primjer"],
    worked_with=[JointWork("HR20000000009", date(2025, 3, 1))],
)  # fmt: skip


def registration_body(**changed: Any) -> dict[str, Any]:
    """The same as the API takes it."""
    return {
        "region": "hr-koprivnica", "name": "Sample Design Bureau d.o.o.", "country": "HR", "tax_number": OIB,
        "seat": {"street": "Primjer ulica 1", "postcode": "48000", "town": "Koprivnica", "country": "HR"},
        "summary": "Design of products and services.", "services": ["design", "digital"], "owners": ["Ana Primjer"], **changed,
    }  # fmt: skip


def oib(number: int) -> str:
    """A Croatian tax number with a right check digit."""
    first = f"{number % 10**10:010d}"
    return first + mod_11_10.calc_check_digit(first)


class Providers:
    """What a provider and the officers do about its registration."""

    def __init__(self, payments: Payments, organisation_id: UUID | None = None) -> None:
        self.payments, self.organisation_id = payments, organisation_id or new_id()

    @property
    def person(self) -> Actor:
        return replace(self.payments.actor("provider-1", Role.APPLICANT, self.organisation_id), fresh=True)

    def officer(self, number: int = 1) -> Actor:
        return self.payments.actor(f"officer-{number}", Role.OFFICER)

    async def applied(self, **changed: Any) -> ProviderRow:
        return await self.payments.run(apply_as_provider, self.person, replace(PROVIDER, **changed), KEY)

    async def checked(self, **changed: Any) -> ProviderRow:
        return await self.payments.run(begin_provider_check, self.officer(), (await self.applied(**changed)).id)

    async def approved(self, *services: str, **changed: Any) -> ProviderRow:
        provider = await self.checked(**changed)
        approval = Approval(services or ("design",), date(2026, 3, 1))
        return await self.payments.run(approve_provider, self.officer(), provider.id, approval)

    async def payable(self, *services: str, **changed: Any) -> ProviderRow:
        """Approved, with an account that finance has confirmed."""
        provider = await self.approved(*services, **changed)
        number = fictional_account(self.payments.policy.calendar.country, self.organisation_id.int)
        await self.payments.run(state_provider_account, self.person, provider.id, "Sample Design Bureau", number)
        await self.payments.run(confirm_account, self.payments.finance(7), await self.payments.open_proposal_of(self.payee_id))
        return provider

    @property
    def payee_id(self) -> UUID:
        return payee_id_of(self.payments.region, "provider", self.organisation_id)


def found_eligible(payments: Payments, voucher: Voucher, **relations: Any) -> ApplicationFoundEligible:
    """Of the case of the voucher. `relations`: as `relations_of_applicant` takes them."""
    values = {"tax_number": "94577403194", "seat": {"street": "Druga 2", "postcode": "48000", "town": "Koprivnica", "country": "HR"}}
    values |= {"owners": ["Marko Drugi"]} | relations
    found = relations_of_provider(KEY, values["tax_number"], values["seat"], values["owners"], (), ())
    pairs = [Relation(kind=kind, hash=key) for kind in ("tax-number", "address", "owner") for key in found[kind]]
    return ApplicationFoundEligible(
        application_id=voucher.application_id, call_id=voucher.call_id, region=voucher.region, sequence=1,
        submitted_at=payments.clock.instant, organisation_id=voucher.organisation_id, requested_minor=voucher.amount_minor,
        amount_minor=voucher.amount_minor, currency=payments.policy.currency, policy_id=payments.policy.id, language="hr", topics=[],
        relations=pairs,
    )  # fmt: skip
