"""The caller, as every service sees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Role(StrEnum):
    APPLICANT = "applicant"
    EVALUATOR = "evaluator"
    OFFICER = "officer"
    FINANCE = "finance"
    AUDITOR = "auditor"


class Grant(NamedTuple):
    """A role holds in one region."""

    role: Role
    region: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person. `id` is a pseudonym of the person, not of the login: it may be written to events and logs.

    `organisation_id` is the organisation an applicant acts for; None for everyone else.
    """

    id: str
    grants: frozenset[Grant]
    organisation_id: UUID | None = None

    def roles_in(self, region: str) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants if grant.region == region)

    def regions_as(self, *roles: Role) -> frozenset[str]:
        """The regions in which the actor has one of the roles."""
        return frozenset(grant.region for grant in self.grants if grant.role in roles)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that the actor has in at least one region."""
        return frozenset(grant.role for grant in self.grants)


def grants(roles: Iterable[Role], regions: Iterable[str]) -> frozenset[Grant]:
    """Each of the roles in each of the regions."""
    places = tuple(regions)
    return frozenset(Grant(role, region) for role in roles for region in places)


SYSTEM = Actor("system", frozenset())
"""The actor of what a rule, a timer or an event causes. It holds no role, so `authorise` refuses it everything."""
