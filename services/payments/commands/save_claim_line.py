"""A beneficiary saves a line of a draft: an invoice."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.payments.domain.claim_lines import check_fits, check_line, most_of
from services.payments.domain.expenditure_window import window_of
from services.payments.domain.providers import Issued, check_providers
from services.payments.queries.claim_lines import as_line, lines_of
from services.payments.queries.earlier_claims import dates_of
from services.payments.queries.providers import provider_changes
from services.payments.steps.claim_drafts import Part, editable, values_of_order
from services.payments.steps.related_parties import keep_related_issuers_off
from services.payments.tables import DraftLineRow, EnvelopeRow
from shared.classifications.tax_numbers import check_seller_number
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class NewLine:
    """As `DraftLineRow`."""

    seller: str
    seller_tax_number: str
    reference: str
    issued_on: date
    delivered_on: date | None
    paid_on: date | None
    net_minor: int
    vat_minor: int
    vat_recoverable: bool
    currency: str
    claimed_minor: int
    ordered_on: date | None = None


async def save_claim_line(context: Context, draft_id: UUID, line_id: UUID, new: NewLine, hash_key: bytes) -> None:
    """Adds the line, or changes it; `line_id` is chosen by the caller, so a repetition changes nothing. Raises as `editable`, `check_line`,
    `check_seller_number`, `keep_related_issuers_off`, `check_providers`, `check_fits`; `NotFound` 'unknown-line' for the id of a line of
    another draft, or of hours."""
    draft, voucher = await editable(context, draft_id, Part.LINES)
    lines = await lines_of(context, draft.id)
    row = next((line for line in lines if line.id == line_id), None)
    taken = row is None and await context.session.get(DraftLineRow, line_id) is not None
    if taken or (row is not None and row.hours_hundredths is not None):
        raise NotFound("unknown-line", "There is no such line.")
    of_order = await values_of_order(context, draft)
    values = {name: getattr(new, name) for name in NewLine.__slots__} | of_order
    number = row.number if row else max((line.number for line in lines), default=0) + 1
    changed = DraftLineRow(
        id=line_id, draft_id=draft.id, organisation_id=draft.organisation_id, region=draft.region, number=number, **values
    )
    policy = context.policies.get(voucher.policy_id)
    if "vat_recoverable" in of_order:  # written by the provider of an order
        changed.claimed_minor = values["claimed_minor"] = most_of(as_line(changed), policy, voucher.terms)
    opens_at = (await context.session.get_one(EnvelopeRow, voucher.call_id)).opens_at
    if not of_order:  # else the seller is the provider of the order, whose number is known
        check_seller_number(policy.calendar.country, new.seller_tax_number, "seller_tax_number")
    line = as_line(changed, hash_key)
    window = window_of(policy, dates_of(voucher, opens_at))
    check_line(line, policy, opens_at, context.now, voucher.terms, voucher.valid_until, window)
    changes = await provider_changes(context, voucher.id)
    await keep_related_issuers_off(context, voucher, [(line.issuer_hash, "seller_tax_number")])
    check_providers(changes, [Issued(line.issuer_hash, line.issued_on, "seller_tax_number")])
    others = [as_line(line, hash_key) for line in lines if line.id != line_id]
    check_fits([*others, line])
    if row is None:
        context.session.add(changed)
    else:
        for name, value in values.items():
            setattr(row, name, value)
