"""The other claims on a voucher, as a claim on it counts them, and the dates of the voucher."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.claim_lines import eligible_of
from services.payments.domain.expenditure_window import VoucherDates
from services.payments.domain.instalments import ClaimKind
from services.payments.domain.remainders import Earlier, counted
from services.payments.queries.claim_lines import as_line, lines_by_claim
from services.payments.tables import ClaimRow, VoucherRow
from shared.kernel.money import Money
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context
from shared.policy.case_terms import granted_rate

STANDING = (ClaimState.LODGED, ClaimState.RETURNED, ClaimState.ACCEPTED)


async def earlier_claims(
    context: Context, voucher: VoucherRow, *, but: UUID | None = None, states: Collection[ClaimState] = STANDING
) -> Earlier:
    """Those in these states together, without `but`. The caller holds the lock on the voucher, or only shows what it comes to."""
    of_expenditure = col(ClaimRow.kind) == ClaimKind.EXPENDITURE
    query = select(ClaimRow).where(col(ClaimRow.voucher_id) == voucher.id, col(ClaimRow.state).in_(states), of_expenditure)
    claims = [claim for claim in await context.session.scalars(query) if claim.id != but]
    lines = await lines_by_claim(context, [claim.id for claim in claims])
    policy = context.policies.get(voucher.policy_id)
    rate = granted_rate(policy, voucher.terms)
    together = Earlier()
    for claim in claims:
        of_lines = eligible_of([as_line(line) for line in lines[claim.id]], policy, voucher.terms)
        eligible = of_lines if lines[claim.id] else Money(claim.eligible_minor, voucher.currency)
        aid = claim.requested_minor if claim.granted_minor is None else claim.granted_minor
        together += counted(eligible, aid, rate)
    return together


def dates_of(voucher: VoucherRow, opens_at: datetime | None) -> VoucherDates:
    """`opens_at`: of the call."""
    return VoucherDates(opens_at, voucher.issued_at, voucher.valid_until, voucher.claim_window_until)
