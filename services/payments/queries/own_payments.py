"""The payments on one voucher as its beneficiary sees them: without who handles them, and with the bank's words explained."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import col

from services.payments.domain.bank_reasons import Remedy, meaning_of
from services.payments.domain.states import PayeeKind, ProposalState
from services.payments.domain.status import ACTS_NEXT, CORRECTABLE, AttemptState
from services.payments.letters import reason_in_words
from services.payments.queries.bank_words import words_of_attempts
from services.payments.queries.beneficiary_views import BankReasonView, OwnPaymentView
from services.payments.queries.vouchers import get_voucher
from services.payments.tables import AccountProposalRow, AttemptRow, ClaimRow, DisbursementRow, PayeeRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.messaging.context import Context

BENEFICIARY = "beneficiary"


async def list_own_payments(context: Context, voucher_id: UUID, language: str) -> list[OwnPaymentView]:
    """The first one first, each by its latest attempt. Raises as `get_voucher`."""
    await get_voucher(context, voucher_id)
    return await _payments(context, language, col(DisbursementRow.voucher_id) == voucher_id)


async def payments_to_correct(context: Context, language: str) -> list[OwnPaymentView]:
    """Those that wait for another account of the beneficiary."""
    owned = in_scope(context.actor, Permission.READ_VOUCHER, None, ClaimRow, owner=ClaimRow.organisation_id)
    correctable = col(DisbursementRow.state).in_(CORRECTABLE)
    found = await _payments(context, language, correctable, owned)
    return [one for one in found if one.acts_next == BENEFICIARY]


async def _payments(context: Context, language: str, *wanted: ColumnElement[bool]) -> list[OwnPaymentView]:
    latest = and_(col(AttemptRow.disbursement_id) == col(DisbursementRow.id), col(AttemptRow.number) == col(DisbursementRow.attempt))
    proposed = exists().where(
        col(AccountProposalRow.payee_id) == col(PayeeRow.id), col(AccountProposalRow.state) == ProposalState.PROPOSED
    )  # fmt: skip
    another = or_(col(PayeeRow.account_version) > col(AttemptRow.account_version), proposed)
    query = (
        select(DisbursementRow, AttemptRow, col(ClaimRow.pay_by), col(PayeeRow.kind), another)
        .join(AttemptRow, latest)
        .join(ClaimRow, col(ClaimRow.id) == col(DisbursementRow.claim_id))
        .join(PayeeRow, col(PayeeRow.id) == col(AttemptRow.payee_id))
        .where(*wanted)
        .order_by(col(DisbursementRow.prepared_at), col(DisbursementRow.id))
    )
    found = (await context.session.execute(query)).all()
    own = [attempt.id for _, attempt, _, kind, _ in found if kind != PayeeKind.PROVIDER and attempt.state in CORRECTABLE]
    words = await words_of_attempts(context, own) if own else {}
    return [_view(row, attempt, pay_by, kind, given, language, words.get(attempt.id, [])) for row, attempt, pay_by, kind, given in found]


def _view(
    row: DisbursementRow, attempt: AttemptRow, pay_by: object, kind: str, given: bool, language: str, words: list[str]
) -> OwnPaymentView:
    """`given`: another account is in force since, or waits for its confirmation, so the next step is with finance. `words`: the bank's, of
    an account of the beneficiary's own."""
    state, code = AttemptState(attempt.state), attempt.bank_reason
    to_provider = kind == PayeeKind.PROVIDER
    reason = None
    if code and state in CORRECTABLE:
        meaning, remedy = reason_in_words(code, language)
        reason = BankReasonView(code=code, meaning=meaning, remedy=remedy, words=words)
    by_beneficiary = reason is not None and not to_provider and not given and meaning_of(reason.code).remedy is Remedy.ACCOUNT
    known = {**attempt.model_dump(), **row.model_dump(), "disbursement_id": row.id, "state": state, "reason": reason, "pay_by": pay_by}
    return OwnPaymentView.model_validate(
        {**known, "to_provider": to_provider, "acts_next": BENEFICIARY if by_beneficiary else ACTS_NEXT[state]}
    )
