"""The two sides of a purchase as `domain/related_parties.py` compares them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.related_parties import Party, check_unrelated
from services.payments.domain.states import PayeeKind
from services.payments.queries.provider_facts import today_in
from services.payments.tables import AccountProposalRow, ApplicantRow, PayeeRow, ProviderRow, VoucherRow
from shared.classifications.identity_keys import relation_hash, spelled_hashes
from shared.kernel.vocabulary import RelationKind
from shared.messaging.context import Context

KIN, JOINT_WORK, ITSELF, OWNED_BY = "kin", "joint-work", "itself", "owned-by"
"""Keys of a provider's relations, beside those of `RelationKind`. Kin are hashed as owners, firms of joint work as tax numbers. ITSELF has
its own name and number, hashed as owners: it may own the beneficiary. OWNED_BY has its owners, hashed as employers, which is how the name
and number of a beneficiary are known."""


def relations_of_provider(
    hash_key: bytes,
    tax_number: str,
    seat: Mapping[str, str],
    owners: Iterable[str],
    kin: Iterable[str],
    worked_with: Iterable[Mapping[str, str]],
    name: str = "",
) -> dict[str, Any]:
    """Kind → keyed hashes; of joint work hash → last day. As `applications` hashes those of an applicant."""
    owners = [*owners]
    address = " ".join(part for part in (seat["street"], seat["postcode"], seat["town"], seat["country"]) if part)
    joint = ((relation_hash(hash_key, RelationKind.TAX_NUMBER, one["tax_number"]), one["last_on"]) for one in worked_with)
    return {
        RelationKind.TAX_NUMBER.value: _hashes(hash_key, RelationKind.TAX_NUMBER, [tax_number]),
        RelationKind.ADDRESS.value: _hashes(hash_key, RelationKind.ADDRESS, [address]),
        RelationKind.OWNER.value: _hashes(hash_key, RelationKind.OWNER, owners),
        ITSELF: _hashes(hash_key, RelationKind.OWNER, [one for one in (name, tax_number) if one]),
        OWNED_BY: _hashes(hash_key, RelationKind.EMPLOYER, owners),
        KIN: _hashes(hash_key, RelationKind.OWNER, kin),
        JOINT_WORK: {key: day for key, day in joint if key is not None},
    }


def _hashes(hash_key: bytes, kind: RelationKind, values: Iterable[str]) -> list[str]:
    return [key for value in values for key in spelled_hashes(hash_key, kind, value)]


async def party_of_provider(context: Context, provider: ProviderRow) -> Party:
    return _party(
        provider.organisation_id, provider.relations, await _accounts(context, PayeeRow.organisation_id, provider.organisation_id)
    )


async def party_of_beneficiary(context: Context, voucher: VoucherRow) -> Party:
    """By the application of the voucher, and the accounts of its organisation. Of an application from before relations were kept here, its
    organisation and its accounts alone."""
    applicant = await context.session.get(ApplicantRow, voucher.application_id)
    accounts = await _accounts(context, PayeeRow.organisation_id, voucher.organisation_id)
    return _party(voucher.organisation_id, applicant.relations if applicant else {}, accounts)


async def refuse_related_provider(context: Context, voucher: VoucherRow, provider: ProviderRow, field: str = "provider_id") -> None:
    """`Refused` 'related-party' for a provider that is tied to the beneficiary today."""
    rules = context.policies.get(voucher.policy_id).providers
    one, other = await party_of_beneficiary(context, voucher), await party_of_provider(context, provider)
    check_unrelated(one, other, today_in(context, provider.region), rules.joint_work_years if rules else None, field=field)


async def check_independent(context: Context, voucher: VoucherRow, payee: PayeeRow) -> None:
    """`Refused` 'related-party' for a payee that is registered as a provider and tied to the beneficiary, with or without an order."""
    if payee.kind != PayeeKind.PROVIDER or payee.organisation_id is None:
        return
    row = ProviderRow
    registered = (col(row.region) == payee.region, col(row.organisation_id) == payee.organisation_id)
    provider = (await context.session.scalars(select(row).where(*registered))).one_or_none()
    if provider is not None:
        await refuse_related_provider(context, voucher, provider, "payee_id")


def _party(organisation_id: Any, relations: Mapping[str, Any], accounts: frozenset[str]) -> Party:
    def of(kind: str) -> frozenset[str]:
        return frozenset(relations.get(kind, ()))

    return Party(
        organisation_id=organisation_id, tax_numbers=of(RelationKind.TAX_NUMBER), accounts=accounts, addresses=of(RelationKind.ADDRESS),
        owners=of(RelationKind.OWNER), kin=of(KIN), itself=of(ITSELF), names=of(RelationKind.EMPLOYER), owned_by=of(OWNED_BY),
        joint_work={key: date.fromisoformat(day) for key, day in relations.get(JOINT_WORK, {}).items()},
    )  # fmt: skip


async def _accounts(context: Context, column: Any, organisation_id: Any) -> frozenset[str]:
    """The keys of the organisation's accounts, in force or proposed, in all regions."""
    in_force = select(col(PayeeRow.account_key)).where(col(column) == organisation_id, col(PayeeRow.account_key).is_not(None))
    proposed = (
        select(col(AccountProposalRow.account_key))
        .join(PayeeRow, col(PayeeRow.id) == col(AccountProposalRow.payee_id))
        .where(col(column) == organisation_id)
    )
    return frozenset(str(key) for key in await context.session.scalars(in_force.union(proposed)))
