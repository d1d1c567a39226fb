"""A person ends an unknown outcome with proof of the bank: by the same transitions as the bank's own answer, never by sending again."""

from datetime import date
from enum import StrEnum

from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from shared.kernel.errors import Conflict, Refused
from shared.policy.answers import FileKind

LARGEST_PROOF_MIB = 5
PROOF_KINDS = (FileKind.PDF, FileKind.JPG, FileKind.PNG)


class ProvenOutcome(StrEnum):
    PAID = "paid"
    REJECTED = "rejected"


UNKNOWN_AGAIN = "unknown"
"""What undoes a proof leads to."""

EVENTS = {ProvenOutcome.PAID: PaymentEvent.BOOKED, ProvenOutcome.REJECTED: PaymentEvent.BANK_REJECTED}


def state_after_proof(state: AttemptState, outcome: ProvenOutcome) -> AttemptState:
    """`Conflict` 'outcome-known' unless the outcome of the payment is unknown."""
    target = next_state(state, EVENTS[outcome]) if state is AttemptState.UNKNOWN else None
    if target is None:
        raise Conflict("outcome-known", "The outcome of this payment is not unknown: it is {state}. No proof is needed.", state=state.value)
    return target


def check_proof(kind: FileKind | None, size_bytes: int, on: date, today: date) -> FileKind:
    """`Refused` 'proof-kind', 'proof-too-large' or 'proof-of-the-future'."""
    if kind not in PROOF_KINDS:
        raise Refused("proof-kind", "Give the statement or the letter of the bank as PDF, JPG or PNG.", field="file")
    if size_bytes > LARGEST_PROOF_MIB * 1024 * 1024:
        raise Refused("proof-too-large", "The document may have at most {limit_mib} MB.", field="file", limit_mib=LARGEST_PROOF_MIB)
    if on > today:
        raise Refused("proof-of-the-future", "The day of the bank's booking or refusal cannot be in the future.", field="on")
    return kind
