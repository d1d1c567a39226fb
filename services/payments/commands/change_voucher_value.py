"""AmountChangeRequested: an officer has granted another amount. It is booked, or refused with the bound."""

from services.payments.domain.ledger import EntryKind
from services.payments.domain.states import MoneyState
from services.payments.domain.value_changes import ValueFacts, ValueRefusal, ValueRule, refusal_of
from services.payments.locks import lock_reported_voucher
from services.payments.queries.instalments import asked_in_advance
from services.payments.queries.orphan_orders import count_unmatched
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.ledger import take_money
from services.payments.steps.release import release_money
from services.payments.steps.settlement import settle_if_run_out
from services.payments.steps.state_aid import headroom_of_voucher
from services.payments.tables import EnvelopeRow, ValueChangeRow, VoucherRow
from shared.contracts.binding import require_amount, require_equal, require_voucher_value
from shared.contracts.payments import FundsAdded, VoucherValueChanged, VoucherValueRefused
from shared.contracts.vouchers import AmountChangeRequested
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.policy.case_terms import granted_most


async def change_voucher_value(context: Context, asked: AmountChangeRequested) -> None:
    """Once per change: its row keeps the answer. A lower amount releases the rest to the envelope; a higher one takes it from there, by one
    conditional statement. `NotYet` before the voucher is issued; `Contradiction` for an amount that the policy does not allow."""
    voucher = await lock_reported_voucher(context, asked)
    known = await context.session.get(ValueChangeRow, asked.change_id)
    if known is not None:
        require_equal(asked, "amount_minor", asked.amount_minor, known.wanted_minor)
        return
    if voucher.state in (MoneyState.RESERVED, MoneyState.COMMITTED):
        raise NotYet(voucher.id, "VoucherIssued has not arrived")
    if asked.amount_minor > voucher.value_minor:
        policy = context.policies.get(voucher.policy_id)
        require_voucher_value(asked, policy, asked.amount_minor)
        require_amount(asked, "amount_minor", asked.amount_minor, most=granted_most(policy, voucher.terms, voucher.amount_minor))
    refusal = refusal_of(await _facts_of(context, voucher), asked.amount_minor) or await _book(context, voucher, asked)
    if refusal is not None:
        context.session.add(_row(context, voucher, asked, refusal.rule, refusal.limit_minor))
        refused = VoucherValueRefused(
            **voucher_fields(voucher), change_id=asked.change_id, rule=refusal.rule, limit_minor=refusal.limit_minor,
            currency=voucher.currency,
        )  # fmt: skip
        publish_voucher_event(context, voucher, refused, refusal.rule)
        return
    changed = VoucherValueChanged(
        **voucher_fields(voucher), change_id=asked.change_id, previous_minor=voucher.value_minor, amount_minor=asked.amount_minor,
        currency=voucher.currency,
    )  # fmt: skip
    context.session.add(_row(context, voucher, asked))
    voucher.value_minor = asked.amount_minor
    publish_voucher_event(context, voucher, changed, "amount-changed")
    await settle_if_run_out(context, voucher)


async def _facts_of(context: Context, voucher: VoucherRow) -> ValueFacts:
    lost = await count_unmatched(context, voucher) > 0
    used = max(voucher.claimed_minor, await asked_in_advance(context, voucher.id))
    return ValueFacts(voucher.state, voucher.closure_reason, voucher.value_minor, used, lost)


async def _book(context: Context, voucher: VoucherRow, asked: AmountChangeRequested) -> ValueRefusal | None:
    more = asked.amount_minor - voucher.value_minor
    if more < 0:
        await release_money(context, voucher, EntryKind.DECOMMITTED, -more, asked.change_id, "amount-changed")
    if more > 0:
        headroom = await headroom_of_voucher(context, voucher)
        if headroom is not None and more > headroom:
            return ValueRefusal(ValueRule.CEILING, voucher.value_minor + headroom)
        voucher.drawn_minor += more  # before the money: what a voucher holds is never above what it drew
        available = await take_money(context, voucher, EntryKind.ADDED, more, asked.change_id)
        if available is None:
            voucher.drawn_minor -= more
            envelope = await context.session.get_one(EnvelopeRow, voucher.call_id, populate_existing=True)
            return ValueRefusal(ValueRule.ENVELOPE_EXHAUSTED, voucher.value_minor + envelope.available_minor)
        added = FundsAdded(
            **voucher_fields(voucher), change_id=asked.change_id, amount_minor=more, currency=voucher.currency, available_minor=available
        )
        publish_voucher_event(context, voucher, added, "amount-changed")
    return None


def _row(
    context: Context, voucher: VoucherRow, asked: AmountChangeRequested, rule: ValueRule | None = None, limit_minor: int | None = None
) -> ValueChangeRow:
    return ValueChangeRow(
        change_id=asked.change_id, voucher_id=voucher.id, previous_minor=voucher.value_minor, wanted_minor=asked.amount_minor, rule=rule,
        limit_minor=limit_minor, answered_at=context.now,
    )  # fmt: skip
