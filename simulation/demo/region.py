"""One region of the demonstration: who acts there, and what they look at."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from operations.client import Api, Person, Problem
from shared.identity.actor import Role
from shared.kernel.clock import ProgrammeClock
from shared.policy.call import CallDefinition
from shared.policy.schema import Policy
from simulation.demo.behaviour import Behaviour
from simulation.demo.dice import Dice

T = TypeVar("T")
EVALUATORS, RESERVES = 7, 4
"""Reserves are evaluators that the officer asks only when nobody else may take a case."""
Json = Mapping[str, Any]
Step = Coroutine[Any, Any, Any]
"""Something a person does next."""


@dataclass(frozen=True)
class Cast:
    """Two officers, because who screens does not have to be who approves; three finance officers, because large sums need two
    approvers besides the one who prepares."""

    region: str

    @property
    def officer(self) -> Person:
        return self._person(Role.OFFICER, 1)

    @property
    def second_officer(self) -> Person:
        return self._person(Role.OFFICER, 2)

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
    def evaluators(self) -> list[Person]:
        return [self._person(Role.EVALUATOR, number) for number in range(1, EVALUATORS + 1)]

    @property
    def reserves(self) -> list[Person]:
        return [self._person(Role.EVALUATOR, number) for number in range(EVALUATORS + 1, EVALUATORS + RESERVES + 1)]

    def applicant(self, organisation_id: str) -> Person:
        """Whoever acts for the organisation. The pseudonym says nothing of it."""
        organisation = UUID(organisation_id)
        return Person(f"applicant-{organisation.hex[:12]}", Role.APPLICANT, frozenset({self.region}), organisation)

    def _person(self, role: Role, number: int) -> Person:
        return Person(f"{role}-{self.region}-{number}", role, frozenset({self.region}))


@dataclass
class Region:
    """What all actors of a region share. `rows` are the applications made of the `rows_read` rows of its input.

    `handed_in` (the application's id) and `refused` (the code) are what became of a row, by its key.
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
    extended_to: datetime | None = None
    handed_in: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def cast(self) -> Cast:
        return Cast(self.id)

    @property
    def dice(self) -> Dice:
        return self.behaviour.dice

    @property
    def now(self) -> datetime:
        """Programme time."""
        return self.clock.now()

    @property
    def ranks(self) -> bool:
        return self.policy.selection.method == "ranking"

    @property
    def to_provider(self) -> bool:
        return self.policy.payment.mode == "provider-direct"

    @property
    def opens_at(self) -> datetime:
        return self.call.instants(self.policy.zone).opens_at

    @property
    def closes_at(self) -> datetime:
        return self.extended_to or self.call.instants(self.policy.zone).closes_at

    async def sleep_until(self, instant: datetime) -> None:
        """Until an instant of programme time."""
        await asyncio.sleep(max(0, self.clock.real_duration(instant - self.now).total_seconds()))

    async def listed(self, person: Person, path: str, **query: Any) -> list[Any]:
        """All items of a list of this region."""
        return [item async for item in self.api.every(person, path, region=self.id, **query)]


async def attempt(asked: Awaitable[T]) -> T | None:
    """None when it was refused, which the client has counted: another look at the lists says what to do next."""
    try:
        return await asked
    except Problem:
        return None
