"""FundsReservationRequested: reserves an award's amount in the envelope and under the ceiling of de minimis aid, or refuses when one of the
two leaves too little."""

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.ledger import EntryKind
from services.payments.domain.state_aid import CEILING
from services.payments.domain.states import MoneyState
from services.payments.domain.value_changes import ValueRule
from services.payments.locks import lock_row
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.ledger import record_entry, take_from_envelope
from services.payments.steps.state_aid import headroom_minor, rate_of_offer, require_applicant, reserve_aid
from services.payments.tables import EnvelopeRow, VoucherRow
from shared.contracts.binding import require_equal, require_same, require_terms, require_voucher_value
from shared.contracts.payments import FundsReservationRefused, FundsReserved
from shared.contracts.vouchers import FundsReservationRequested
from shared.kernel.errors import Contradiction, NotYet, Transient
from shared.messaging.context import Context


async def reserve_funds(context: Context, asked: FundsReservationRequested) -> None:
    """Once per voucher: its row keeps the answer. `NotYet` while the call is not known, while its envelope awaits a confirmation, and
    while the declared aid of the applicant is not known where the policy asks for it.

    `Contradiction` when the request does not fit the envelope, when the policy allows no such amount, when the voucher asked for something
    else before, or when another voucher of the application holds money.
    """
    envelope = await context.session.get(EnvelopeRow, asked.call_id)
    if envelope is None:
        raise NotYet(asked.call_id, "CallPublished has not arrived")
    require_same(asked, envelope)
    policy = context.policies.get(envelope.policy_id)
    require_voucher_value(asked, policy, asked.amount_minor)
    require_terms(asked, policy, asked.amount_minor, asked.terms)
    if await _is_answered(context, asked):
        return
    await require_applicant(context, asked)
    if envelope.awaits_confirmation:
        raise NotYet(asked.call_id, "the envelope awaits its confirmation by finance")
    await lock_row(context, EnvelopeRow, col(EnvelopeRow.call_id) == asked.call_id)  # before the undertaking: one order of locks
    rate = await rate_of_offer(context, policy)
    headroom = await headroom_minor(context, policy, asked.organisation_id, rate)
    if asked.amount_minor > headroom:
        await _refuse(context, asked, CEILING, headroom)
        return
    available = await take_from_envelope(context, asked.call_id, EntryKind.RESERVED, asked.amount_minor)
    if available is None:
        await _refuse(context, asked, ValueRule.ENVELOPE_EXHAUSTED, None)
        return
    voucher = await _add_voucher(context, asked, MoneyState.RESERVED)
    reserve_aid(context, voucher, policy, rate)
    await record_entry(context, voucher.call_id, voucher.id, EntryKind.RESERVED, asked.amount_minor, voucher.id)
    reserved = FundsReserved(**voucher_fields(voucher), amount_minor=asked.amount_minor, currency=asked.currency, available_minor=available)
    publish_voucher_event(context, voucher, reserved, "award-granted")


async def _refuse(context: Context, asked: FundsReservationRequested, rule: str, headroom: int | None) -> None:
    voucher = await _add_voucher(context, asked, MoneyState.REFUSED)
    envelope = await context.session.get_one(EnvelopeRow, asked.call_id, populate_existing=True)
    refused = FundsReservationRefused(
        **voucher_fields(voucher), amount_minor=asked.amount_minor, currency=asked.currency, available_minor=envelope.available_minor,
        rule=rule, headroom_minor=headroom,
    )  # fmt: skip
    publish_voucher_event(context, voucher, refused, rule)


async def _is_answered(context: Context, asked: FundsReservationRequested) -> bool:
    """True when this voucher has asked before. An application is granted again only when its last voucher holds no money any more."""
    ids = or_(col(VoucherRow.id) == asked.voucher_id, col(VoucherRow.application_id) == asked.application_id)
    known = list(await context.session.scalars(select(VoucherRow).where(ids)))
    for row in known:
        if row.id == asked.voucher_id:
            require_same(asked, row)
            require_equal(asked, "amount_minor", asked.amount_minor, row.amount_minor)
            return True
    if any(row.state not in (MoneyState.REFUSED, MoneyState.RELEASED, MoneyState.SETTLED) for row in known):
        raise Contradiction(f"{asked.type}: another voucher of application {asked.application_id} holds money")
    return False


async def _add_voucher(context: Context, asked: FundsReservationRequested, state: MoneyState) -> VoucherRow:
    row = VoucherRow(
        id=asked.voucher_id, application_id=asked.application_id, call_id=asked.call_id, region=asked.region,
        organisation_id=asked.organisation_id, policy_id=asked.policy_id, currency=asked.currency, state=state,
        amount_minor=asked.amount_minor, value_minor=asked.amount_minor, drawn_minor=asked.amount_minor,
        reserved_minor=asked.amount_minor if state is MoneyState.RESERVED else 0,
        terms=None if asked.terms is None else asked.terms.model_dump(),
    )  # fmt: skip
    added = insert(VoucherRow).values(row.model_dump()).on_conflict_do_nothing().returning(col(VoucherRow.id))
    if await context.session.scalar(added) is None:
        raise Transient("the same reservation was requested at the same moment")  # undoes the reservation; the retry finds the row
    return await context.session.get_one(VoucherRow, asked.voucher_id)
