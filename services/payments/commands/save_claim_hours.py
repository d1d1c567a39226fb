"""A beneficiary saves a line of a draft: hours of one of its own people."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.payments.domain.claim_hours import Hours, check_hours, check_hours_fit
from services.payments.domain.claim_lines import check_fits
from services.payments.domain.expenditure_window import window_of
from services.payments.queries.claim_lines import as_line, lines_of
from services.payments.queries.earlier_claims import dates_of
from services.payments.steps.claim_drafts import Part, editable
from services.payments.tables import DraftLineRow, EnvelopeRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class NewHours:
    """As `domain.claim_hours.Hours`."""

    function: str
    worked_from: date
    worked_to: date
    hours_hundredths: int


async def save_claim_hours(context: Context, draft_id: UUID, line_id: UUID, new: NewHours) -> None:
    """Adds the line, or changes it; what it comes to follows from the policy's rate. `line_id` is chosen by the caller, so a repetition
    changes nothing. Raises as `editable`, `check_hours`, `check_hours_fit`, `check_fits`; `NotFound` 'unknown-line' for the id of a line
    of another draft, or of an invoice."""
    draft, voucher = await editable(context, draft_id, Part.WHOLE)
    policy = context.policies.get(voucher.policy_id)
    rows = await lines_of(context, draft.id)
    row = next((line for line in rows if line.id == line_id), None)
    taken = row is None and await context.session.get(DraftLineRow, line_id) is not None
    if taken or (row is not None and row.hours_hundredths is None):
        raise NotFound("unknown-line", "There is no such line.")
    hours = Hours(new.function, new.worked_from, new.worked_to, new.hours_hundredths)
    opens_at = (await context.session.get_one(EnvelopeRow, voucher.call_id)).opens_at
    value = check_hours(hours, policy, opens_at, context.now, window_of(policy, dates_of(voucher, opens_at)))
    others = [as_line(line) for line in rows if line.id != line_id]
    check_hours_fit(hours, [line.hours for line in others if line.hours])
    values: dict[str, Any] = {
        "function": hours.function, "worked_from": hours.worked_from, "issued_on": hours.worked_to, "hours_hundredths": hours.hundredths,
        "net_minor": value, "claimed_minor": value, "currency": voucher.currency,
    }  # fmt: skip
    if row is not None:
        for name, changed in values.items():
            setattr(row, name, changed)
        return
    number = max((line.number for line in rows), default=0) + 1
    added = DraftLineRow(
        id=line_id, draft_id=draft.id, organisation_id=draft.organisation_id, region=draft.region, number=number, vat_minor=0,
        vat_recoverable=False, **values,
    )  # fmt: skip
    check_fits([*others, as_line(added)])
    context.session.add(added)
