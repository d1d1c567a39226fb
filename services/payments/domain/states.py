"""The states of a voucher's money, of a claim, a recovery and a batch, and which state may follow which.

The states of an attempt to pay have a table of their own, with the event behind each move: `status.py`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.vocabulary import ClaimState, RecoveryState


class MoneyState(StrEnum):
    """A voucher as payments knows it. REFUSED: the envelope had too little. RELEASED: given back before the voucher was issued."""

    REFUSED = "refused"
    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"
    ISSUED = "issued"
    SETTLED = "settled"


MONEY_TRANSITIONS: Mapping[MoneyState, frozenset[MoneyState]] = MappingProxyType(
    {
        MoneyState.REFUSED: frozenset(),
        MoneyState.RESERVED: frozenset({MoneyState.COMMITTED, MoneyState.RELEASED}),
        MoneyState.COMMITTED: frozenset({MoneyState.ISSUED, MoneyState.RELEASED}),
        MoneyState.RELEASED: frozenset(),
        MoneyState.ISSUED: frozenset({MoneyState.SETTLED}),
        MoneyState.SETTLED: frozenset(),
    }
)


class ClosureReason(StrEnum):
    """Why no more claims are taken on a voucher."""

    CLAIM_WINDOW_ENDED = "claim-window-ended"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    DEPOSIT_MISSING = "deposit-missing"


CLAIM_TRANSITIONS: Mapping[ClaimState, frozenset[ClaimState]] = MappingProxyType(
    {
        ClaimState.LODGED: frozenset({ClaimState.ACCEPTED, ClaimState.REJECTED, ClaimState.RETURNED}),
        ClaimState.RETURNED: frozenset({ClaimState.REPLACED, ClaimState.REJECTED}),
        ClaimState.REPLACED: frozenset(),
        ClaimState.ACCEPTED: frozenset({ClaimState.REJECTED}),  # the voucher was withdrawn or revoked before a disbursement
        ClaimState.REJECTED: frozenset(),
    }
)

CORRECTABLE = (ClaimState.RETURNED, ClaimState.REJECTED)
"""Claims whose draft may be changed and lodged again: in the place of the one that was returned, or as another claim after a rejection."""

RECOVERY_TRANSITIONS: Mapping[RecoveryState, frozenset[RecoveryState]] = MappingProxyType(
    {
        RecoveryState.ORDERED: frozenset({RecoveryState.SETTLED, RecoveryState.WRITTEN_OFF}),
        RecoveryState.SETTLED: frozenset({RecoveryState.ORDERED}),  # two persons undo that a credit has settled it
        RecoveryState.WRITTEN_OFF: frozenset(),
    }
)


class BatchState(StrEnum):
    """RELEASED: a second person has given the file out. SENT: the file lies in the outgoing folder, and that is recorded."""

    SEALED = "sealed"
    RELEASED = "released"
    SENT = "sent"


BATCH_TRANSITIONS: Mapping[BatchState, frozenset[BatchState]] = MappingProxyType(
    {
        BatchState.SEALED: frozenset({BatchState.RELEASED, BatchState.SENT}),  # sent: released before a restore
        BatchState.RELEASED: frozenset({BatchState.SENT}),
        BatchState.SENT: frozenset(),
    }
)


class PayeeKind(StrEnum):
    BENEFICIARY = "beneficiary"
    PROVIDER = "provider"


class ProposalState(StrEnum):
    """Of an account that was put before a second person."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class ProposalReason(StrEnum):
    """Why a second person decides. ACCOUNT_SHARED: another payee has the same account, in force or proposed. ACCOUNT_STATED: a provider of
    the catalogue has stated its own first account."""

    ACCOUNT_CHANGED = "account-changed"
    ACCOUNT_SHARED = "account-shared"
    ACCOUNT_STATED = "account-stated"


PROPOSAL_TRANSITIONS: Mapping[ProposalState, frozenset[ProposalState]] = MappingProxyType(
    {
        ProposalState.PROPOSED: frozenset({ProposalState.CONFIRMED, ProposalState.REJECTED}),
        ProposalState.CONFIRMED: frozenset(),
        ProposalState.REJECTED: frozenset(),
    }
)


class BankFileState(StrEnum):
    """What became of a file from the bank; also the name of the folder into which it is moved."""

    TAKEN = "taken"
    REFUSED = "refused"


class UploadState(StrEnum):
    """Of a file of the bank that a person uploaded. PROPOSED: it waits for a second person. REFUSED: it could not be read."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    REFUSED = "refused"


UPLOAD_TRANSITIONS: Mapping[UploadState, frozenset[UploadState]] = MappingProxyType(
    {
        UploadState.PROPOSED: frozenset({UploadState.CONFIRMED, UploadState.REJECTED}),
        UploadState.CONFIRMED: frozenset(),
        UploadState.REJECTED: frozenset(),
        UploadState.REFUSED: frozenset(),
    }
)


class ProviderState(StrEnum):
    """Of the registration of an organisation as a provider in a region. APPROVED: it stands in the catalogue, from and until the days that
    its approval names. WITHDRAWN: by the provider itself."""

    APPLIED = "applied"
    IN_CHECK = "in-check"
    APPROVED = "approved"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


PROVIDER_TRANSITIONS: Mapping[ProviderState, frozenset[ProviderState]] = MappingProxyType(
    {
        ProviderState.APPLIED: frozenset({ProviderState.IN_CHECK, ProviderState.WITHDRAWN}),
        ProviderState.IN_CHECK: frozenset({ProviderState.APPROVED, ProviderState.REFUSED, ProviderState.WITHDRAWN}),
        ProviderState.APPROVED: frozenset({ProviderState.SUSPENDED, ProviderState.WITHDRAWN}),
        ProviderState.SUSPENDED: frozenset({ProviderState.APPROVED, ProviderState.WITHDRAWN}),
        ProviderState.REFUSED: frozenset({ProviderState.APPLIED}),  # it may apply again
        ProviderState.WITHDRAWN: frozenset({ProviderState.APPLIED}),
    }
)


class OrderState(StrEnum):
    """Of a service that a beneficiary orders with its voucher. REDEEMED: the provider has delivered, and entered the voucher's code.
    INVOICED: the beneficiary has to confirm the delivery. REROUTED: the provider left the catalogue, and another one is to be chosen."""

    PLACED = "placed"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    REDEEMED = "redeemed"
    INVOICED = "invoiced"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    REROUTED = "rerouted"


ORDER_TRANSITIONS: Mapping[OrderState, frozenset[OrderState]] = MappingProxyType(
    {
        OrderState.PLACED: frozenset({OrderState.ACCEPTED, OrderState.DECLINED, OrderState.CANCELLED, OrderState.REROUTED}),
        OrderState.DECLINED: frozenset(),
        OrderState.ACCEPTED: frozenset({OrderState.REDEEMED, OrderState.CANCELLED, OrderState.REROUTED}),
        OrderState.REDEEMED: frozenset({OrderState.INVOICED, OrderState.CANCELLED}),  # cancelled: the voucher has ended
        OrderState.INVOICED: frozenset({OrderState.REDEEMED, OrderState.CONFIRMED, OrderState.CANCELLED}),  # back: an objection
        OrderState.CONFIRMED: frozenset(),
        OrderState.CANCELLED: frozenset(),
        OrderState.REROUTED: frozenset(),
    }
)
UNDELIVERED = (OrderState.PLACED, OrderState.ACCEPTED)
LIVE_ORDERS = (OrderState.PLACED, OrderState.ACCEPTED, OrderState.REDEEMED, OrderState.INVOICED)
"""A voucher has one of them at a time."""
