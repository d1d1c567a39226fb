"""When a provider and a beneficiary are related: then it is not paid for the beneficiary's voucher, and its invoices do not count.
(No I/O, no clock: everything is an argument.)

Source: the programme's rule against related parties between applicant and provider. Keys are those of
`shared.classifications.identity_keys`, so that spelling does not matter; accounts are compared by `domain.accounts.account_key`.
"""

from collections.abc import Collection

from shared.kernel.errors import Refused
from shared.kernel.invoice_numbers import COMPARABLE
from shared.kernel.vocabulary import RelationKind

ACCOUNT, ORGANISATION = "account", "organisation"
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
            "The provider and the beneficiary are related: they are one organisation, or have a tax number, an account, an address or an "
            "owner in common. Claim an invoice of an independent provider.",
            field=field,
            kinds=sorted(kinds),
        )
