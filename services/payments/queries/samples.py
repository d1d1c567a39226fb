"""Samples of the cases on which money was paid, for auditors. The ledger only grows, so a sample can be drawn again."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlmodel import col

from services.payments.domain.ledger import LedgerAccount
from services.payments.domain.sampling import PaidCase, SampleMethod, draw, population_hash
from services.payments.tables import LedgerAccountRow, LedgerEntryRow, LedgerPostingRow, VoucherRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.messaging.context import Context
from shared.web.figures import places


class SampledView(BaseModel):
    """A case of a sample. `hits`: how often it was drawn, more than once only where amounts weigh."""

    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    code: str | None
    paid_minor: int
    currency: str
    hits: int


class SampleView(BaseModel):
    """A sample of the cases of `region` on which money was paid before `until` (less what came back from the bank). Who draws with the same
    values draws the same: `population_hash` is SHA-256 over the lines 'voucher id, space, minor units', sorted and ended by line feeds."""

    region: str
    method: SampleMethod
    seed: str
    size: int
    until: datetime
    currency: str
    population: int
    population_minor: int
    population_hash: str
    items: list[SampledView]


async def draw_sample(context: Context, region: str, method: SampleMethod, seed: str, size: int, until: datetime | None) -> SampleView:
    """`until`: None for now; nothing after now is in the ledger. `Forbidden` 'foreign-region', `Refused` 'unknown-region'."""
    authorise(context.actor, Permission.READ_SAMPLE, region=region)
    currency = places(context.policies).get(region)
    if currency is None:
        raise Refused("unknown-region", "There is no such region.", field="region")
    until = min(until or context.now, context.now)
    population = await _population(context, region, until)
    drawn = draw(method, population, size, seed)
    ids = [case.voucher_id for case, _ in drawn]
    rows = {row.id: row for row in await context.session.scalars(select(VoucherRow).where(col(VoucherRow.id).in_(ids)))}
    return SampleView(
        region=region, method=method, seed=seed, size=size, until=until, currency=currency, population=len(population),
        population_minor=sum(case.paid_minor for case in population), population_hash=population_hash(population),
        items=[_item(rows[case.voucher_id], case.paid_minor, hits) for case, hits in drawn],
    )  # fmt: skip


async def _population(context: Context, region: str, until: datetime) -> list[PaidCase]:
    """By voucher what stood on the account of paid money at that instant, where that is more than nothing."""
    paid = func.sum(LedgerPostingRow.amount_minor)
    query = (
        select(col(LedgerEntryRow.voucher_id), paid)
        .join(LedgerPostingRow, col(LedgerPostingRow.entry_id) == col(LedgerEntryRow.id))
        .join(LedgerAccountRow, col(LedgerAccountRow.id) == col(LedgerPostingRow.account_id))
        .join(VoucherRow, col(VoucherRow.id) == col(LedgerEntryRow.voucher_id))
        .where(col(LedgerAccountRow.name) == LedgerAccount.PAID, col(VoucherRow.region) == region, col(LedgerEntryRow.at) < until)
    )
    rows = await context.session.execute(query.group_by(col(LedgerEntryRow.voucher_id)).having(paid > 0))
    return [PaidCase(voucher_id, int(minor)) for voucher_id, minor in rows if voucher_id]


def _item(row: VoucherRow, paid_minor: int, hits: int) -> SampledView:
    fields = {name: getattr(row, name) for name in ("application_id", "call_id", "region", "code", "currency")}
    return SampledView(voucher_id=row.id, paid_minor=paid_minor, hits=hits, **fields)
