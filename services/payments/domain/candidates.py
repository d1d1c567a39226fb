"""Which payments an unmatched line of the bank could be about, what speaks for each, and what a match would change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from services.payments.domain.bank_lines import RETURN_TAKEN_BACK, UNMARKED, BankLine, KnownAttempt, LineOutcome, MatchResult, effect_on
from services.payments.domain.bank_statuses import StatusMeaning
from services.payments.domain.ledger import EntryKind
from services.payments.domain.line_references import names_of, numbers_of
from services.payments.domain.status import IN_FLIGHT, AttemptState, PaymentEvent
from services.payments.iso20022.model import own_batch_id
from shared.kernel.errors import Conflict

MOVED: Mapping[AttemptState, EntryKind] = MappingProxyType({AttemptState.PAID: EntryKind.PAID, AttemptState.RETURNED: EntryKind.RETURNED})
"""What the bank's answer moves in the ledger, by the state that it leads to."""
MOST_CANDIDATES = 20


class MatchEvidence(StrEnum):
    """What speaks for a payment, the strongest first."""

    ATTEMPT_REFERENCE = "attempt-reference"
    PAYMENT_REFERENCE = "payment-reference"
    BATCH_REFERENCE = "batch-reference"
    NAMED_IN_TEXT = "named-in-text"
    SAME_AMOUNT = "same-amount"
    SAME_ACCOUNT = "same-account"
    AWAITS_ANSWER = "awaits-answer"


@dataclass(frozen=True, slots=True)
class LineFacts:
    """An unmatched line. `named`: the payment that its text names. `accounts`: those of the statements in its file; none for a report."""

    line: BankLine
    named: UUID | None
    accounts: Collection[str]


@dataclass(frozen=True, slots=True)
class CandidatePayment:
    """`effect`: what a match would do; it can be chosen only when that is APPLIED."""

    attempt: KnownAttempt
    evidence: tuple[MatchEvidence, ...]
    effect: MatchResult

    @property
    def entry(self) -> EntryKind | None:
        """What a match writes into the ledger."""
        return MOVED.get(self.effect.state) if self.effect.state and self.effect.outcome is LineOutcome.APPLIED else None


def candidates(facts: LineFacts, attempts: Sequence[KnownAttempt]) -> list[CandidatePayment]:
    """Those for which anything but the account speaks, the most likely first."""
    found = [CandidatePayment(one, tuple(_evidence(facts, one)), effect_of_match(facts, one)) for one in attempts if one.batch_id]
    telling = [one for one in found if set(one.evidence) - {MatchEvidence.SAME_ACCOUNT, MatchEvidence.AWAITS_ANSWER}]
    return sorted(telling, key=lambda one: (-_weight(one.evidence), str(one.attempt.attempt_id)))[:MOST_CANDIDATES]


def _weight(evidence: Sequence[MatchEvidence]) -> int:
    """One stronger piece counts more than all weaker ones together."""
    order = list(reversed(MatchEvidence))
    return sum(2 ** order.index(piece) for piece in evidence)


def effect_of_match(facts: LineFacts, attempt: KnownAttempt) -> MatchResult:
    """As of a line whose references name the attempt: the amount has to be exact, and the account the one that paid. Money that came in
    unmarked is its return, a debit that takes a return back pays it again, and an order that the bank has cancelled is not paid: the person
    who matches it says so."""
    again = len(attempt.debits) + 1 if facts.line.note == RETURN_TAKEN_BACK else facts.line.again  # it is none that is known
    line = replace(facts.line, event=_event_by_match(facts.line, attempt), again=again)
    if line.event is None:
        return MatchResult(LineOutcome.UNMATCHED, "decides-nothing")
    if not attempt.given_out:
        return MatchResult(LineOutcome.UNMATCHED, "answered-before-release")
    if facts.accounts and attempt.account not in facts.accounts:
        return MatchResult(LineOutcome.UNMATCHED, "foreign-account")
    if line.amount is not None and line.amount != attempt.amount:
        return MatchResult(LineOutcome.UNMATCHED, "wrong-amount")
    return effect_on(attempt, line)


def _event_by_match(line: BankLine, attempt: KnownAttempt) -> PaymentEvent | None:
    if line.note in UNMARKED:
        return PaymentEvent.RETURNED
    if line.note == RETURN_TAKEN_BACK and attempt.state is AttemptState.RETURNED:
        return PaymentEvent.BOOKED
    if line.note == StatusMeaning.CANCELLED:
        accepted = attempt.state is AttemptState.ACCEPTED
        return PaymentEvent.REJECTION_CONFIRMED if accepted else PaymentEvent.BANK_REJECTED
    return line.event


def require_effect(effect: MatchResult) -> MatchResult:
    """`Conflict` 'match-without-effect'."""
    if effect.outcome is not LineOutcome.APPLIED:
        raise Conflict("match-without-effect", "The line cannot be matched to this payment ({reason}).", reason=effect.reason)
    return effect


def require_same_attempt(seen: UUID | None, latest: UUID) -> None:
    """`Conflict` 'attempt-changed': a decision about one attempt is not applied to the next one."""
    if seen != latest:
        raise Conflict(
            "attempt-changed", "The payment has another attempt since this was proposed. Reject the proposal, and read the payment."
        )


def _evidence(facts: LineFacts, attempt: KnownAttempt) -> list[MatchEvidence]:
    line = facts.line
    named, numbers = names_of(*line.naming), numbers_of(*line.naming)
    speaks = {
        MatchEvidence.ATTEMPT_REFERENCE: attempt.attempt_id in named or (attempt.disbursement_id, attempt.number) in numbers,
        MatchEvidence.PAYMENT_REFERENCE: attempt.disbursement_id in named,
        MatchEvidence.BATCH_REFERENCE: line.pmt_inf_id is not None and own_batch_id(line.pmt_inf_id) == attempt.batch_id,
        MatchEvidence.NAMED_IN_TEXT: facts.named == attempt.disbursement_id,
        MatchEvidence.SAME_AMOUNT: line.amount == attempt.amount,
        MatchEvidence.SAME_ACCOUNT: attempt.account in facts.accounts,
        MatchEvidence.AWAITS_ANSWER: attempt.state in IN_FLIGHT,
    }
    return [piece for piece, holds in speaks.items() if holds]
