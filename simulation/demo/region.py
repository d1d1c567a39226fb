"""One region of the demonstration: its people, its call and its input."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from operations.client import Api, Person, Problem
from shared.identity.actor import Role
from shared.kernel.clock import ProgrammeClock
from shared.kernel.vocabulary import PaymentMode, SelectionMethod
from shared.policy.call import CallDefinition
from shared.policy.schema import Policy
from simulation.demo.behaviour import Behaviour
from simulation.demo.organisations import Organisations
from simulation.demo.seeded_random import SeededRandom
from simulation.provider.people import user_name

T = TypeVar("T")
EVALUATORS, RESERVES = 7, 4
"""Reserve evaluators are asked only when no other evaluator may take a case."""
Json = Mapping[str, Any]
Step = Coroutine[Any, Any, Any]
"""One action of a person, not yet started."""


@dataclass(frozen=True)
class Actors:
    """The people of one region, as many as the separation of duties asks for (`shared/identity/duties.py`): one officer publishes, imports
    and registers, another approves the ranking, a third screens and checks claims; in finance one prepares, two approve, one seals,
    another releases, one keeps the providers' accounts, and another confirms accounts and the budget of the call."""

    region: str
    organisations: Organisations = field(default_factory=Organisations)

    @property
    def officer(self) -> Person:
        return self._person(Role.OFFICER, 1)

    @property
    def second_officer(self) -> Person:
        return self._person(Role.OFFICER, 2)

    @property
    def screener(self) -> Person:
        return self._person(Role.OFFICER, 3)

    @property
    def preparer(self) -> Person:
        return self._person(Role.FINANCE, 1)

    @property
    def approver(self) -> Person:
        return self._person(Role.FINANCE, 2)

    @property
    def second_approver(self) -> Person:
        return self._person(Role.FINANCE, 3)

    @property
    def sealer(self) -> Person:
        return self._person(Role.FINANCE, 4)

    @property
    def releaser(self) -> Person:
        return self._person(Role.FINANCE, 6)

    @property
    def account_keeper(self) -> Person:
        return self._person(Role.FINANCE, 5)

    @property
    def account_confirmer(self) -> Person:
        return self._person(Role.FINANCE, 7)

    @property
    def budget_confirmer(self) -> Person:
        return self._person(Role.FINANCE, 7)

    @property
    def evaluators(self) -> list[Person]:
        return [self._person(Role.EVALUATOR, number) for number in range(1, EVALUATORS + 1)]

    @property
    def reserves(self) -> list[Person]:
        return [self._person(Role.EVALUATOR, number) for number in range(EVALUATORS + 1, EVALUATORS + RESERVES + 1)]

    def applicant(self, case: str) -> Person:
        """Who acts for the organisation of the case."""
        return self.organisations.person_of(case)

    def _person(self, role: Role, number: int) -> Person:
        return Person(user_name(role, number, self.region))


@dataclass
class Region:
    """State that all actors of a region share. `rows`: the applications made from the `rows_read` rows of the input. `file_questions`:
    those of its form that take a PDF.

    By row key: `submitted` has the application's id, `refused` the error code. `scheme_call`: the number of a call of `schemes.py`.
    `upheld`: the applications whose appeal was upheld. `linked`: the cases of one undertaking (`actors/undertaking.py`).
    `unlisted_providers`: organisations of providers that are not in the catalogue now. `paid_in`: the folder of what people pay in at the
    simulated bank. `deposited`: the vouchers whose own share is paid in.
    """

    id: str
    policy: Policy
    call: CallDefinition
    api: Api
    behaviour: Behaviour
    clock: ProgrammeClock
    rows_read: int = 0
    rows: list[Json] = field(default_factory=list)
    call_id: str = ""
    file_questions: frozenset[str] = frozenset()
    extended_to: datetime | None = None
    submitted: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    upheld: set[str] = field(default_factory=set)
    linked: list[str] = field(default_factory=list)
    unlisted_providers: set[str] = field(default_factory=set)
    organisations: Organisations = field(default_factory=Organisations)
    scheme_call: int = 0
    paid_in: Path | None = None
    deposited: set[str] = field(default_factory=set)

    @property
    def label(self) -> str:
        """In tables: a call of a scheme of `schemes.py` beside the region's own."""
        return f"{self.id} {self.call.id}" if self.scheme_call else self.id

    @property
    def actors(self) -> Actors:
        return Actors(self.id, self.organisations)

    @property
    def random(self) -> SeededRandom:
        return self.behaviour.random

    @property
    def now(self) -> datetime:
        """Programme time."""
        return self.clock.now()

    @property
    def uses_ranking(self) -> bool:
        return self.policy.selection.method == SelectionMethod.RANKING

    @property
    def gives(self) -> bool:
        """False of a call for expressions of interest, which ends with invitations."""
        return self.policy.expression is None

    @property
    def pays_provider(self) -> bool:
        return self.policy.payment.mode == PaymentMode.PROVIDER_DIRECT

    @property
    def buys_from_catalogue(self) -> bool:
        """Vouchers pay for services that are ordered from the catalogue of providers."""
        return buys_from_catalogue(self.policy)

    @property
    def opens_at(self) -> datetime:
        return self.call.instants(self.policy.zone).opens_at

    @property
    def closes_at(self) -> datetime:
        return self.extended_to or self.call.instants(self.policy.zone).closes_at

    def may_use(self, voucher: Json) -> bool:
        """The voucher's own share is paid in, where the policy asks for it."""
        return self.policy.deposit is None or voucher["id"] in self.deposited

    async def sleep_until(self, instant: datetime) -> None:
        """Sleeps until an instant of programme time."""
        await asyncio.sleep(max(0, self.clock.real_duration(instant - self.now).total_seconds()))

    async def list_all(self, person: Person, path: str, **query: Any) -> list[Any]:
        """Reads all pages of a list, for this region. Organisations are named as cases are."""
        items = [item async for item in self.api.list_items(person, path, region=self.id, **query)]
        return [
            item | {"organisation_id": self.organisations.case_of(item["organisation_id"])} if "organisation_id" in item else item
            for item in items
        ]

    async def register_organisations(self) -> None:
        await self.organisations.register(self.api, self.rows, self.policy.currency)


def buys_from_catalogue(policy: Policy) -> bool:
    return policy.payment.mode == PaymentMode.PROVIDER_DIRECT and policy.providers is not None


async def attempt(request: Awaitable[T]) -> T | None:
    """Returns None if the request was refused. The client counts refusals, and the next turn reads the lists again."""
    try:
        return await request
    except Problem:
        return None
