"""Whether an applicant is a provider of the catalogue, or linked to one: then, where the policy says so, it is not eligible. (No I/O, no
clock: everything is an argument.)

Source: Croatia's digital vouchers: the provider is in a catalogue, and never an applicant.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.vocabulary import RelationKind
from shared.policy.schema import Policy

PROVIDER_APPLIES = "provider-applies"
"""The rule that fails. It is the platform's, of each policy whose providers may not apply."""
ORGANISATION = "organisation"
LINKING = (RelationKind.TAX_NUMBER, RelationKind.OWNER)
"""What makes two registrations one side of a purchase. An address in common keeps the two from trading with one another
(`related-party`), but many firms that have nothing else in common share a building, so it bars nobody from the scheme."""
LISTED = ("approved", "suspended")
"""States of a registration that count: a suspended provider comes back."""
Key = tuple[str, str]
"""A kind of relation, and the keyed hash of its value."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A provider as its newest event says."""

    organisation_id: UUID
    state: str
    keys: frozenset[Key]


def asks_for_ties(policy: Policy) -> bool:
    return policy.providers is not None and not policy.providers.may_apply


def ties(organisation_id: UUID, keys: Collection[Key], registered: Iterable[Registered]) -> tuple[str, ...]:
    """What the applicant has in common with providers of the catalogue, each once: 'organisation', 'tax-number', 'owner'."""
    own, found = frozenset((kind, value) for kind, value in keys if kind in LINKING), set[str]()
    for provider in registered:
        if provider.state in LISTED:
            found |= {ORGANISATION} if provider.organisation_id == organisation_id else set()
            found |= {kind for kind, _ in own & provider.keys}
    return tuple(kind for kind in (ORGANISATION, *LINKING) if kind in found)
