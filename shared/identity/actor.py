"""The caller, as every service sees it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from shared.kernel.ids import keyed_hash


class Role(StrEnum):
    APPLICANT = "applicant"
    EVALUATOR = "evaluator"
    OFFICER = "officer"
    FINANCE = "finance"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Grant(NamedTuple):
    """A role holds in one region."""

    role: Role
    region: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person. `id` is a pseudonym of the person, not of the login: it may be written to events and logs.

    `organisation_id` is the organisation an applicant acts for; None for everyone else. `fresh`: the person signed in a moment ago,
    which some permissions need (`permissions.FRESH`); it is of the request, not of the person. `machine`: the id of the machine that acts
    for this person, who registered it and answers for what it does; None for a person who acts themselves.
    """

    id: str
    grants: frozenset[Grant]
    organisation_id: UUID | None = None
    fresh: bool = field(default=False, compare=False)
    machine: str | None = None

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


def pseudonym(hash_key: bytes, person: str) -> str:
    """What rows, events and logs have in the place of a person's name at the provider: the name itself, or a keyed hash of an e-mail
    address. It stays the same as long as the key does; every service has to have the same key."""
    return f"person-{keyed_hash(hash_key, 'person', person)}" if "@" in person else person


_PSEUDONYM = re.compile(r"person-[0-9a-f]{32}")


SYSTEM = Actor("system", frozenset())
"""The actor of what a rule, a timer or an event causes. It holds no role, so `authorise` refuses it everything."""

NOBODY = Actor("nobody", frozenset())
"""Who calls an open route: without a token, without a role."""


OPERATOR = Actor("operator", frozenset())
"""Who may run commands on the platform's machine, with its secrets. It holds no role: only commands without a route take it."""


def is_reserved(person: str) -> bool:
    """Whether a provider's name for a person is one that we give: who bears it would act as the platform, which has no duties, or as
    somebody else's pseudonym."""
    return person in (SYSTEM.id, NOBODY.id, OPERATOR.id) or bool(_PSEUDONYM.fullmatch(person))
