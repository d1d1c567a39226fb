"""How far a voucher's advance is settled, and what is kept of its claims."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlmodel import col

from services.payments.domain.claims import ClaimedVoucher
from services.payments.domain.instalments import ClaimKind, Standing, largest_advance, refuse_advance, unspent
from services.payments.domain.states import ClosureReason
from services.payments.domain.status import AttemptState
from services.payments.queries.claim_drafts import payees_for
from services.payments.queries.claim_views import AdvanceView, BalanceView, DepositView, InstalmentsView
from services.payments.tables import BalanceRow, ClaimRow, DepositRow, DisbursementRow, VoucherRow
from shared.identity.permissions import Permission, acts_as_applicant, authorise, owned_by
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.kernel.money import Money
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context

_APART = col(ClaimRow.settled_minor) + col(ClaimRow.retained_minor) - col(ClaimRow.own_minor)
TO_PAY: ColumnElement[bool] = func.coalesce(col(ClaimRow.granted_minor), 0) > _APART
"""Of an accepted claim: something of it is paid by its own disbursement."""


async def standing_of(context: Context, voucher: VoucherRow, besides: UUID | None = None) -> Standing:
    """`besides`: a claim that is being decided. An advance whose payment was cancelled settles nothing."""
    row, policy = ClaimRow, context.policies.get(voucher.policy_id)
    own = (col(row.voucher_id) == voucher.id) & (col(row.id) != besides if besides else true())
    accepted = col(row.state) == ClaimState.ACCEPTED
    sums = await context.session.execute(
        select(func.sum(col(row.granted_minor)), func.sum(col(row.settled_minor)), func.sum(col(row.retained_minor))).where(
            own, accepted, col(row.kind) == ClaimKind.EXPENDITURE
        )
    )
    granted, settled, retained = (int(one or 0) for one in sums.one())
    cancelled = (
        select(col(DisbursementRow.id))
        .where(col(DisbursementRow.claim_id) == col(row.id), col(DisbursementRow.state) == AttemptState.CANCELLED)
        .exists()
    )
    advance = await context.session.scalar(
        select(func.sum(col(row.granted_minor))).where(own, accepted, col(row.kind) == ClaimKind.ADVANCE, ~cancelled)
    )
    is_decided = await context.session.get(BalanceRow, voucher.id) is not None
    share = 0 if policy.balance is None or is_decided else policy.balance.share_bp
    return Standing(int(advance or 0), granted, settled, retained, share)


async def held_of(context: Context, voucher: VoucherRow) -> int:
    """What is kept of claims and waits for the decision on the final report. Nothing of a voucher that was withdrawn or revoked."""
    if context.policies.get(voucher.policy_id).balance is None or voucher.closure_reason in (
        ClosureReason.WITHDRAWN, ClosureReason.REVOKED,
    ):  # fmt: skip
        return 0
    return (await standing_of(context, voucher)).retained_minor if await context.session.get(BalanceRow, voucher.id) is None else 0


async def live_advance(context: Context, voucher_id: UUID) -> ClaimRow | None:
    """The advance that is asked for or granted."""
    live = (ClaimState.LODGED, ClaimState.ACCEPTED)
    own = (col(ClaimRow.voucher_id) == voucher_id, col(ClaimRow.kind) == ClaimKind.ADVANCE, col(ClaimRow.state).in_(live))
    return await context.session.scalar(select(ClaimRow).where(*own))


async def asked_in_advance(context: Context, voucher_id: UUID) -> int:
    """What is asked for in advance, or granted: a voucher is never worth less."""
    claim = await live_advance(context, voucher_id)
    return 0 if claim is None else claim.requested_minor if claim.granted_minor is None else claim.granted_minor


async def instalments_of(context: Context, voucher: VoucherRow, refusal: Refused | None) -> InstalmentsView:
    """`refusal`: why no advance can be asked for now."""
    policy, standing = context.policies.get(voucher.policy_id), await standing_of(context, voucher)
    claim, decided = await live_advance(context, voucher.id), await context.session.get(BalanceRow, voucher.id)
    most = largest_advance(Money(voucher.value_minor, voucher.currency), policy).minor
    paid = await _paid_on(context, claim) if claim else 0
    own = acts_as_applicant(context.actor, Permission.READ_VOUCHER, voucher.region)
    payees = await payees_for(context, voucher) if own and refusal is None else []
    advance = policy.advance and AdvanceView(
        against=policy.advance.against, share_bp=policy.advance.share_bp, most_minor=most, claim_id=claim and claim.id,
        state=claim and claim.state, granted_minor=standing.advance_minor, paid_minor=paid, settled_minor=standing.settled_minor,
        unspent_minor=unspent(paid, standing.settled_minor), may_ask=refusal is None, refusal=refusal and refusal.code,
    )  # fmt: skip
    row, bank = await context.session.get(DepositRow, voucher.id), policy.bank
    deposit = row and DepositView.model_validate({**row.model_dump(), "account": bank.debtor_iban, "payee": bank.debtor_name})
    balance = policy.balance and BalanceView(
        share_bp=policy.balance.share_bp, retained_minor=standing.retained_minor, outcome=decided and decided.outcome
    )
    return InstalmentsView(
        voucher_id=voucher.id, region=voucher.region, currency=voucher.currency, payment_mode=voucher.payment_mode,
        claim_window_until=voucher.claim_window_until, advance=advance, balance=balance, payees=payees,
        deposit=deposit,
    )  # fmt: skip


async def _paid_on(context: Context, claim: ClaimRow) -> int:
    paid = (col(DisbursementRow.claim_id) == claim.id, col(DisbursementRow.state) == AttemptState.PAID)
    return await context.session.scalar(select(col(DisbursementRow.amount_minor)).where(*paid)) or 0


async def get_instalments(context: Context, voucher_id: UUID) -> InstalmentsView:
    """`NotFound` 'unknown-voucher'; `Forbidden`."""
    voucher = await context.session.get(VoucherRow, voucher_id)
    if voucher is None:
        raise NotFound("unknown-voucher", "There is no such voucher.")
    authorise(context.actor, Permission.READ_VOUCHER, region=voucher.region, owner=owned_by(voucher.organisation_id))
    try:
        refuse_advance(await _facts_of(context, voucher), context.policies.get(voucher.policy_id), context.now)
    except Refused as refusal:
        return await instalments_of(context, voucher, refusal)
    taken = None if await live_advance(context, voucher_id) is None else second_advance()
    return await instalments_of(context, voucher, taken)


async def _facts_of(context: Context, voucher: VoucherRow) -> ClaimedVoucher:
    """As far as an advance depends on them."""
    bought = (col(ClaimRow.voucher_id) == voucher.id, col(ClaimRow.kind) == ClaimKind.EXPENDITURE)
    live = (*bought, col(ClaimRow.state).not_in((ClaimState.REJECTED, ClaimState.REPLACED)))
    return ClaimedVoucher(
        state=voucher.state, region=voucher.region, organisation_id=voucher.organisation_id, payment_mode=voucher.payment_mode or "",
        suspended=voucher.suspended, closure_reason=voucher.closure_reason, claim_window_until=voucher.claim_window_until,
        unclaimed=Money(voucher.value_minor - voucher.claimed_minor, voucher.currency),
        live_claims=await context.session.scalar(select(func.count()).select_from(ClaimRow).where(*live)) or 0,
    )  # fmt: skip


def second_advance() -> Conflict:
    return Conflict("advance-used", "One advance is paid on a voucher, and it is asked for already.")
