"""The caller, as every service sees it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    APPLICANT = "applicant"
    EVALUATOR = "evaluator"
    OFFICER = "officer"
    FINANCE = "finance"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is a pseudonym that may be written to events and logs; each role holds in each region of `regions`.

    `organisation_id` is the organisation an applicant acts for; None for everyone else.
    """

    id: str
    roles: frozenset[Role]
    regions: frozenset[str]
    organisation_id: UUID | None = None


SYSTEM = Actor("system", frozenset(), frozenset())
"""The actor of what a rule, a timer or an event causes. It holds no role, so `authorise` refuses it everything."""
