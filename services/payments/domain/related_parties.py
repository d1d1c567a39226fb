"""When a provider and a beneficiary are related: then it cannot be chosen, is not paid for the beneficiary's voucher, and its invoices do
not count. (No I/O, no clock: everything is an argument.)

Source: the programme's rule against related parties between applicant and provider. Keys are those of
`shared.classifications.identity_keys`, so that spelling does not matter; accounts are compared by `domain.accounts.account_key`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from shared.kernel.errors import Refused
from shared.kernel.invoice_numbers import COMPARABLE
from shared.kernel.vocabulary import RelationKind
from shared.policy.state_aid import years_before


class Link(StrEnum):
    """What ties two parties. KIN: an owner of the one is declared as kin of an owner of the other. JOINT_WORK: both worked together within
    the years that the policy names."""

    ORGANISATION = "organisation"
    TAX_NUMBER = "tax-number"
    ACCOUNT = "account"
    ADDRESS = "address"
    OWNER = "owner"
    KIN = "kin"
    JOINT_WORK = "joint-work"


ACCOUNT, ORGANISATION = Link.ACCOUNT.value, Link.ORGANISATION.value
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Party:
    """Keyed hashes of what identifies a firm (`shared.classifications.identity_keys`): one thing has one hash, however it was typed.
    `kin`: of the names of relatives, hashed as owners are. `itself`: its own name and number, hashed as owners; `names`: the same, and
    `owned_by`: its owners, hashed as employers. `joint_work`: tax number of a firm → last day on which both worked together."""

    organisation_id: UUID | None = None
    tax_numbers: frozenset[str] = _NONE
    accounts: frozenset[str] = _NONE
    addresses: frozenset[str] = _NONE
    owners: frozenset[str] = _NONE
    kin: frozenset[str] = _NONE
    itself: frozenset[str] = _NONE
    names: frozenset[str] = _NONE
    owned_by: frozenset[str] = _NONE
    joint_work: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))


def links(one: Party, other: Party, on: date, joint_work_years: int | None = None) -> list[Link]:
    """All that ties the two on the day `on`, in the order of `Link`. Without `joint_work_years` joint work ties nobody.

    Source: rules of the decentralised voucher schemes on related parties: the same owner (or one owns the other), account, address or tax
    number, kin to the second degree (kmo-portefeuille, Flanders), and joint work of the last years.
    """
    found = {
        Link.ORGANISATION: one.organisation_id is not None and one.organisation_id == other.organisation_id,
        Link.TAX_NUMBER: not one.tax_numbers.isdisjoint(other.tax_numbers),
        Link.ACCOUNT: not one.accounts.isdisjoint(other.accounts),
        Link.ADDRESS: not one.addresses.isdisjoint(other.addresses),
        Link.OWNER: not one.owners.isdisjoint(other.owners) or _owns(one, other) or _owns(other, one),
        Link.KIN: not (one.kin.isdisjoint(other.owners | other.itself) and other.kin.isdisjoint(one.owners | one.itself)),
        Link.JOINT_WORK: joint_work_years is not None
        and (
            _worked_since(one, other, years_before(on, joint_work_years)) or _worked_since(other, one, years_before(on, joint_work_years))
        ),
    }
    return [link for link, tied in found.items() if tied]


def check_unrelated(one: Party, other: Party, on: date, joint_work_years: int | None = None, *, field: str = "provider_id") -> None:
    """Raises as `refuse_related`."""
    refuse_related(links(one, other, on, joint_work_years), field)


def _owns(one: Party, other: Party) -> bool:
    return not (one.itself.isdisjoint(other.owners) and one.names.isdisjoint(other.owned_by))


def _worked_since(one: Party, other: Party, first: date) -> bool:
    return any(last >= first for number, last in one.joint_work.items() if number in other.tax_numbers)


RELATING = (RelationKind.TAX_NUMBER, RelationKind.ADDRESS, RelationKind.OWNER)
"""What relates beside the account and the organisation. An e-mail domain, or who employs whom, is a matter of the evaluation."""
Key = tuple[str, str]
"""The kind, and the keyed hash of the value: (`tax-number`, ...), (`account`, ...)."""


def related_by(beneficiary: Collection[Key], provider: Collection[Key]) -> list[str]:
    """The kinds that both share, sorted; empty when nothing relates them."""
    return sorted({kind for kind, _ in set(beneficiary) & set(provider)})


def tax_number_of_issuer(issuer_hash: str | None) -> list[Key]:
    """The key of who issued an invoice. None of one from before issuers could be compared."""
    known = issuer_hash is not None and issuer_hash.startswith(COMPARABLE)
    return [(RelationKind.TAX_NUMBER, str(issuer_hash).removeprefix(COMPARABLE))] if known else []


def refuse_related(kinds: Collection[str], field: str) -> None:
    """`Refused` 'related-party' at `field` when there is such a kind; `kinds` says by what."""
    if kinds:
        raise Refused(
            "related-party",
            "The provider and the beneficiary are related: they are one organisation, or have a tax number, an account, an address, an "
            "owner, kin or recent work in common. Take an independent provider.",
            field=field,
            kinds=sorted(str(kind) for kind in kinds),
        )
