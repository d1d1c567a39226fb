"""Keeps providers that are related to a beneficiary off its vouchers, whatever was changed since the claim was lodged."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.related_parties import ACCOUNT, RELATING, Key, refuse_related, related_by, tax_number_of_issuer
from services.payments.domain.states import PayeeKind, ProposalState
from services.payments.queries.payees import vouchers_paid_to
from services.payments.tables import AccountProposalRow, ClaimRow, PayeeAccountRow, PayeeRow, RelationRow, VoucherRow
from shared.messaging.context import Context


async def keep_relations(context: Context, subject_id: UUID, relations: Iterable[Key]) -> None:
    """Of an organisation or a payee; repeating changes nothing."""
    rows = [
        {"subject_id": subject_id, "kind": str(kind), "hash": value, "since": context.now} for kind, value in relations if kind in RELATING
    ]
    if rows:
        await context.session.execute(insert(RelationRow).values(rows).on_conflict_do_nothing())


async def keep_related_off(context: Context, voucher: VoucherRow, payee: PayeeRow, field: str = "payee_id") -> None:
    """Before money of the voucher is asked for, granted, prepared or approved to a provider. `Refused` 'related-party'."""
    if payee.kind != PayeeKind.PROVIDER:
        return
    provider = await _relations_of(context, [payee.id, *([payee.organisation_id] if payee.organisation_id else [])])
    provider += await _accounts_of(context, [payee.id])
    refuse_related(related_by(await _keys_of_beneficiary(context, voucher.organisation_id), provider), field)


async def keep_related_issuers_off(context: Context, voucher: VoucherRow, issuers: Iterable[tuple[str | None, str]]) -> None:
    """`issuers`: the keyed hash of who issued an invoice, and where it stands in what was sent. `Refused` 'related-party' at the first
    that is the beneficiary itself."""
    own = await _relations_of(context, [voucher.organisation_id])
    for issuer_hash, field in issuers:
        refuse_related(related_by(own, tax_number_of_issuer(issuer_hash)), field)


async def keep_related_account_off(context: Context, payee: PayeeRow, account_key: str) -> None:
    """Before another account of the payee is proposed or confirmed: a provider takes none of a beneficiary whose claims name it, and a
    beneficiary none of a provider that its claims name. `Refused` 'related-party'."""
    if payee.kind == PayeeKind.PROVIDER:
        clients = select(col(VoucherRow.organisation_id)).where(col(VoucherRow.id).in_(vouchers_paid_to(payee.id)))
        others = select(col(PayeeRow.id)).where(col(PayeeRow.kind) == PayeeKind.BENEFICIARY, col(PayeeRow.organisation_id).in_(clients))
    else:
        claimed = select(col(ClaimRow.payee_id)).where(col(ClaimRow.organisation_id) == payee.organisation_id)
        others = select(col(PayeeRow.id)).where(col(PayeeRow.kind) == PayeeKind.PROVIDER, col(PayeeRow.id).in_(claimed))
    theirs = await _accounts_of(context, list(await context.session.scalars(others)))
    refuse_related(related_by([(ACCOUNT, account_key)], theirs), "account.number")


async def _keys_of_beneficiary(context: Context, organisation_id: UUID) -> list[Key]:
    own = select(col(PayeeRow.id)).where(col(PayeeRow.kind) == PayeeKind.BENEFICIARY, col(PayeeRow.organisation_id) == organisation_id)
    accounts = await _accounts_of(context, list(await context.session.scalars(own)))
    return await _relations_of(context, [organisation_id]) + accounts


async def _relations_of(context: Context, subjects: Sequence[UUID]) -> list[Key]:
    query = select(col(RelationRow.kind), col(RelationRow.hash)).where(col(RelationRow.subject_id).in_(subjects))
    return [(kind, value) for kind, value in (await context.session.execute(query)).all()]


async def _accounts_of(context: Context, payees: Sequence[UUID]) -> list[Key]:
    """Every account that they have had, and one that waits for a second person."""
    had = select(col(PayeeAccountRow.account_key)).where(col(PayeeAccountRow.payee_id).in_(payees))
    of_payees, row = col(AccountProposalRow.payee_id).in_(payees), AccountProposalRow
    proposed = select(col(row.account_key)).where(of_payees, col(row.state) == ProposalState.PROPOSED)
    return [(ACCOUNT, key) for key in await context.session.scalars(had.union(proposed))]
