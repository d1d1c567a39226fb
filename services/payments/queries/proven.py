"""What persons decided, by the events that a process of the service wrote: rows that say so can be added with the database's password."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from services.payments.domain.approvals import ProvenApproval
from services.payments.domain.claims import Granted
from services.payments.domain.status import AttemptState
from shared.contracts.corrections import DisbursementCorrected
from shared.contracts.payments import (
    BalanceReleased,
    ClaimAccepted,
    ClaimLodged,
    DisbursementApproved,
    DisbursementPaid,
    DisbursementRejected,
    DisbursementReturned,
    PayeeAccountConfirmed,
    PayeeAccountProposed,
    PayeeAccountRegistered,
)
from shared.messaging.context import Context
from shared.messaging.proven import proven_events
from shared.privacy.sealed import digest_of


def key_of(context: Context, payment_hash: str) -> str:
    """What the event of an approval says of the payment."""
    return digest_of(context.session, "payment", payment_hash)


async def proven_approvals(context: Context, disbursement_ids: Collection[UUID]) -> defaultdict[UUID, list[ProvenApproval]]:
    """Disbursement → its approvals."""
    found = defaultdict[UUID, list[ProvenApproval]](list)
    for row in await proven_events(context.session, disbursement_ids, DisbursementApproved):
        payment_key = None if row.mac is None else row.body["payment_key"]
        found[row.key].append(ProvenApproval(row.body["attempt"], row.actor, payment_key, row.body["complete"]))
    return found


async def proven_accounts(context: Context, payee_ids: Collection[UUID]) -> set[tuple[UUID, int]]:
    """Payee and version of each account that was registered, or proposed and confirmed."""
    known, proposed = set[tuple[UUID, int]](), set[str]()
    for row in await proven_events(context.session, payee_ids, PayeeAccountRegistered, PayeeAccountProposed, PayeeAccountConfirmed):
        if row.type == PayeeAccountProposed.type:
            proposed.add(row.body["proposal_id"])
        elif row.type == PayeeAccountRegistered.type or row.body["proposal_id"] in proposed:
            known.add((row.key, row.body["version"]))
    return known


async def proven_endings(context: Context, disbursement_ids: Collection[UUID]) -> set[tuple[UUID, int]]:
    """Disbursement and number of each attempt that the bank has rejected or returned, and neither booked since, nor persons undone that."""
    ended = set[tuple[UUID, int]]()
    contracts = (DisbursementRejected, DisbursementReturned, DisbursementPaid, DisbursementCorrected)
    for row in await proven_events(context.session, disbursement_ids, *contracts):
        back = row.type == DisbursementCorrected.type and row.body["state"] == AttemptState.RETURNED
        attempt = (row.key, row.body["attempt"])
        if back or row.type in (DisbursementRejected.type, DisbursementReturned.type):
            ended.add(attempt)
        else:
            ended.discard(attempt)
    return ended


async def proven_claims(context: Context, claim_ids: Collection[UUID]) -> dict[UUID, Granted]:
    """Claim that was lodged and accepted → what of the grant is paid; a balance has its own event."""
    lodged, granted = set[UUID](), dict[UUID, Granted]()
    for row in await proven_events(context.session, claim_ids, ClaimLodged, ClaimAccepted, BalanceReleased):
        if row.type == ClaimLodged.type:
            lodged.add(row.key)
        elif row.type == BalanceReleased.type:
            granted[row.key] = Granted(UUID(row.body["voucher_id"]), row.body["amount_minor"])
        elif row.key in lodged:
            apart = (row.body.get("settled_minor") or 0) + (row.body.get("retained_minor") or 0)
            own = row.body.get("own_minor") or 0
            granted[row.key] = Granted(UUID(row.body["voucher_id"]), row.body["granted_minor"] - apart + own)
    return granted
