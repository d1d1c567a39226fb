"""CallPublished: opens the envelope of the call and the accounts of its ledger."""

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from services.payments.domain.ledger import EntryKind, LedgerAccount
from services.payments.steps.in_kind import record_call_without_money
from services.payments.steps.ledger import account_id, record_entry
from services.payments.tables import EnvelopeRow, LedgerAccountRow
from shared.contracts.applications import CallPublished
from shared.contracts.binding import require_amount, require_equal, require_same
from shared.contracts.payments import EnvelopeOpened
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.call import LARGEST_ENVELOPE_MINOR


async def open_envelope(context: Context, call: CallPublished) -> None:
    """Once per call, and none for a call that gives no money. Above the policy's ceiling nothing is reserved before another person than
    the publisher has confirmed the envelope.

    `Contradiction` when the call does not fit its policy or what is known of it; NotFound for an unknown policy.
    """
    known = await context.session.get(EnvelopeRow, call.call_id)
    if known is not None:
        require_same(call, known)
        require_equal(call, "envelope_minor", call.envelope_minor, known.opened_minor)
        return
    policy = context.policies.get(call.policy_id)
    require_same(call, policy)
    if not policy.gives_money:
        await record_call_without_money(context, call)
        return
    require_amount(call, "envelope_minor", call.envelope_minor, least=max(1, policy.value.smallest_minor), most=LARGEST_ENVELOPE_MINOR)
    needs_confirmation = policy.budget is not None and call.envelope_minor > policy.budget.ceiling_minor
    envelope = {
        "call_id": call.call_id, "region": call.region, "scheme": call.scheme, "slug": call.slug, "policy_id": call.policy_id,
        "currency": call.currency, "opened_minor": call.envelope_minor, "amount_minor": call.envelope_minor, "opens_at": call.opens_at,
        "needs_confirmation": needs_confirmation, "published_by": context.event_actor,
        "series": call.series, "round_number": call.round_number,
        "reserved_minor": 0, "committed_minor": 0, "paid_minor": 0, "recovered_minor": 0,
    }  # fmt: skip
    opening = upsert(EnvelopeRow).values(envelope).on_conflict_do_nothing().returning(col(EnvelopeRow.call_id))
    if await context.session.scalar(opening) is None:
        return
    accounts = [
        {"id": account_id(call.call_id, account), "call_id": call.call_id, "name": account.value, "currency": call.currency}
        for account in LedgerAccount
    ]
    await context.session.execute(insert(LedgerAccountRow).values(accounts))
    await record_entry(context, call.call_id, None, EntryKind.OPENED, call.envelope_minor, call.call_id)
    opened = EnvelopeOpened(
        call_id=call.call_id, region=call.region, amount_minor=call.envelope_minor, currency=call.currency,
        needs_confirmation=needs_confirmation or None,
    )  # fmt: skip
    publish(context, opened, reason="call-published", policy_id=call.policy_id)
