"""Envelopes and the ledger behind them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select
from sqlmodel import col

from services.payments.queries.filters import matching
from services.payments.queries.views import EnvelopeView, LedgerEntryView, LedgerView, PostingView
from services.payments.tables import EnvelopeRow, LedgerAccountRow, LedgerEntryRow, LedgerPostingRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

_LEFT = col(EnvelopeRow.amount_minor) - EnvelopeRow.reserved_minor - EnvelopeRow.committed_minor - EnvelopeRow.paid_minor
_LEFT_PER_MILLE = (_LEFT + EnvelopeRow.recovered_minor) * 1_000 / func.greatest(EnvelopeRow.amount_minor, 1)
ENVELOPES = Sorting(
    {"slug": EnvelopeRow.slug, "region": EnvelopeRow.region, "available": cast(_LEFT_PER_MILLE, BigInteger)},
    unique=EnvelopeRow.call_id,
    default="slug",
)
"""`available`: by the share of the amount that is left."""
ENTRIES = Sorting({"position": LedgerEntryRow.position}, unique=LedgerEntryRow.id, default="position")


async def list_envelopes(
    context: Context, paging: Paging, region: str | None, awaits_confirmation: bool | None = None
) -> Page[EnvelopeView]:
    query = select(EnvelopeRow).where(in_scope(context.actor, Permission.READ_PAYMENTS, region, EnvelopeRow))
    if awaits_confirmation is not None:
        awaits = col(EnvelopeRow.needs_confirmation) & col(EnvelopeRow.confirmed_by).is_(None)
        query = query.where(awaits if awaits_confirmation else ~awaits)
    return await page_of(context.session, query, paging, EnvelopeView.of)


async def get_envelope(context: Context, call_id: UUID) -> EnvelopeView:
    """`NotFound` 'unknown-envelope'."""
    envelope = await context.session.get(EnvelopeRow, call_id)
    if envelope is None:
        raise NotFound("unknown-envelope", "There is no such envelope.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=envelope.region)
    return EnvelopeView.of(envelope)


async def list_ledger_entries(context: Context, paging: Paging, call_id: UUID, voucher_id: UUID | None) -> Page[LedgerEntryView]:
    await get_envelope(context, call_id)
    criteria = matching(call=(LedgerEntryRow.call_id, call_id), voucher=(LedgerEntryRow.voucher_id, voucher_id))
    page = await page_of(context.session, select(LedgerEntryRow).where(*criteria), paging, lambda row: row)
    sides = await postings_of(context, [row.id for row in page.items])
    entries = [
        LedgerEntryView(entry_id=row.id, kind=row.kind, voucher_id=row.voucher_id, at=row.at, postings=sides[row.id]) for row in page.items
    ]
    return page.with_items(entries)


async def get_ledger(context: Context, call_id: UUID) -> LedgerView:
    """`NotFound` 'unknown-envelope'."""
    envelope = await get_envelope(context, call_id)
    return LedgerView(call_id=call_id, currency=envelope.currency, balances=await ledger_balances(context, call_id))


async def ledger_balances(context: Context, call_id: UUID) -> dict[str, int]:
    """The balance of each account of the call, from its postings; they add up to zero."""
    query = (
        select(col(LedgerAccountRow.name), func.coalesce(func.sum(col(LedgerPostingRow.amount_minor)), 0))
        .outerjoin(LedgerPostingRow, col(LedgerPostingRow.account_id) == col(LedgerAccountRow.id))
        .where(col(LedgerAccountRow.call_id) == call_id)
        .group_by(col(LedgerAccountRow.name))
    )
    return {name: int(balance) for name, balance in (await context.session.execute(query)).all()}


async def postings_of(context: Context, entry_ids: Sequence[UUID]) -> dict[UUID, list[PostingView]]:
    """The postings of each entry, the one that takes first."""
    query = (
        select(col(LedgerPostingRow.entry_id), col(LedgerAccountRow.name), col(LedgerPostingRow.amount_minor))
        .join(LedgerAccountRow, col(LedgerAccountRow.id) == col(LedgerPostingRow.account_id))
        .where(col(LedgerPostingRow.entry_id).in_(entry_ids))
        .order_by(col(LedgerPostingRow.amount_minor))
    )
    found: dict[UUID, list[PostingView]] = {entry_id: [] for entry_id in entry_ids}
    for entry_id, account, amount_minor in (await context.session.execute(query)).all():
        found[entry_id].append(PostingView(account=account, amount_minor=amount_minor))
    return found
