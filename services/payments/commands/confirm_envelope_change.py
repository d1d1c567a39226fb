"""A second person confirms more money for an envelope: the totals and the ledger change in one transaction."""

from uuid import UUID

from services.payments.domain.envelope_changes import ChangeKind, above_available, check_change, entries_of
from services.payments.domain.ledger import EntryKind
from services.payments.steps.envelope_changes import lock_envelopes, purse_of
from services.payments.steps.ledger import change_envelope, record_entry
from services.payments.steps.two_persons import confirm, lock_open_proposal, proposal_of
from services.payments.tables import EnvelopeChangeRow, EnvelopeRow
from shared.contracts.payments import EnvelopeChanged
from shared.identity.duties import Duty
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def confirm_envelope_change(context: Context, change_id: UUID) -> EnvelopeChangeRow:
    """By a person who did not propose it and published neither call. `Forbidden` 'proposed-yourself' or 'incompatible-step'; `Conflict`
    'decided-already'; raises as `check_change`: what is available may have become less since."""
    change = await proposal_of(context, EnvelopeChangeRow, change_id)
    target, source = await lock_envelopes(context, change.call_id, change.from_call_id)
    change = await lock_open_proposal(context, EnvelopeChangeRow, change_id)
    check_change(purse_of(target), purse_of(source) if source else None, change.amount_minor)
    confirm(context, change)
    for envelope in (target, *([source] if source else [])):
        await take_part(context, Duty.CONFIRM_BUDGET, call_id=envelope.call_id)
    for entry in entries_of(ChangeKind(change.kind), change.call_id, change.from_call_id, change.amount_minor):
        sign = -1 if entry.kind is EntryKind.TRANSFERRED_OUT else 1
        available = await change_envelope(context, entry.call_id, sign * entry.amount_minor)
        if available is None:
            raise above_available(purse_of(source or target).available)
        await record_entry(context, entry.call_id, None, entry.kind, entry.amount_minor, change.id)
        changed = source if source and entry.call_id == source.call_id else target
        await _announce(context, changed, change.id, sign * entry.amount_minor, available, entry.kind)
    return change


async def _announce(context: Context, envelope: EnvelopeRow, change_id: UUID, change_minor: int, available: int, reason: str) -> None:
    """So that the reserve list may move up."""
    await context.session.refresh(envelope)
    changed = EnvelopeChanged(
        call_id=envelope.call_id, region=envelope.region, change_id=change_id, change_minor=change_minor,
        amount_minor=envelope.amount_minor, currency=envelope.currency, available_minor=available,
    )  # fmt: skip
    publish(context, changed, reason=reason, policy_id=envelope.policy_id)
