"""The journal: the entries of all ledgers of the actor's regions, in national currency and in EUR."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.domain.rates import in_euro
from services.payments.queries.desk_views import JournalEntryView
from services.payments.queries.envelopes import postings_of
from services.payments.queries.filters import matching
from services.payments.queries.rates import Rates
from services.payments.queries.views import PostingView
from services.payments.tables import BankLineRow, EnvelopeRow, LedgerEntryRow
from shared.identity.permissions import Permission, visible_regions
from shared.kernel.money import Money
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

JOURNAL = Sorting({"position": LedgerEntryRow.position}, unique=LedgerEntryRow.id, default="-position")


class JournalFilter(BaseModel):
    """None: any. The days are of UTC, both included."""

    region: str | None = None
    call_id: UUID | None = None
    voucher_id: UUID | None = None
    kind: str | None = None
    since: date | None = None
    until: date | None = None


async def list_journal(context: Context, paging: Paging, wanted: JournalFilter) -> Page[JournalEntryView]:
    """The EUR amount is by the monthly rate of the entry's month, None while that is not published."""
    regions = visible_regions(context.actor, Permission.READ_PAYMENTS, wanted.region)
    calls = select(col(EnvelopeRow.call_id)).where(col(EnvelopeRow.region).in_(regions))
    row = LedgerEntryRow
    criteria = matching(call=(row.call_id, wanted.call_id), voucher=(row.voucher_id, wanted.voucher_id), kind=(row.kind, wanted.kind))
    if wanted.since is not None:
        criteria.append(col(row.at) >= datetime.combine(wanted.since, time(), UTC))
    if wanted.until is not None:
        criteria.append(col(row.at) < datetime.combine(wanted.until + timedelta(days=1), time(), UTC))
    query = select(row).where(or_(col(row.call_id).in_(calls), col(row.region).in_(regions)), *criteria)
    page = await page_of(context.session, query, paging, lambda row: row)
    sides = await postings_of(context, [row.id for row in page.items])
    rows = select(EnvelopeRow).where(col(EnvelopeRow.call_id).in_({row.call_id for row in page.items}))
    envelopes = {row.call_id: row for row in await context.session.scalars(rows)}
    rates = Rates()
    lines = select(col(BankLineRow.id), col(BankLineRow.currency)).where(col(BankLineRow.id).in_({row.line_id for row in page.items}))
    currencies: dict[UUID | None, str | None] = {found[0]: found[1] for found in (await context.session.execute(lines)).all()}
    found = []
    for one in page.items:
        envelope = envelopes.get(one.call_id) if one.call_id else None
        currency = envelope.currency if envelope else str(currencies[one.line_id])
        found.append(await _view(context, one, envelope, currency, sides[one.id], rates))
    return page.with_items(found)


async def _view(
    context: Context, row: LedgerEntryRow, envelope: EnvelopeRow | None, currency: str, sides: list[PostingView], rates: Rates
) -> JournalEntryView:
    source, target = sides  # the one that takes stands first
    region = envelope.region if envelope else row.region or ""
    zone = context.policies.zones().get(region, "UTC")
    rate = await rates.of(currency, row.at.astimezone(ZoneInfo(zone)).date())
    return JournalEntryView(
        entry_id=row.id,
        at=row.at,
        kind=row.kind,
        region=region,
        call_id=row.call_id,
        slug=envelope.slug if envelope else None,
        line_id=row.line_id,
        voucher_id=row.voucher_id,
        from_account=source.account,
        to_account=target.account,
        amount_minor=target.amount_minor,
        currency=currency,
        amount_eur_minor=None if rate is None else in_euro(Money(target.amount_minor, currency), rate),
        rate_id=None if rate is None else rate.id,
    )
