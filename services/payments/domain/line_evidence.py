"""Why a line of the bank was matched, or not: what each part of it says, kept with the line."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from services.payments.domain.bank_lines import BankLine, KnownAttempt, MatchResult
from services.payments.domain.line_references import names_of, numbers_of
from services.payments.iso20022.model import own_batch_id


class Finding(StrEnum):
    """One part of a line, and what it says of the payment that is meant. NAMED_IN_TEXT: only the remittance text names it.
    FOREIGN_REFERENCES: those that it has are not ours in form, so they say nothing. BY_ITS_DAY: the day said which attempt it is."""

    NAMES_ATTEMPT = "names-attempt"
    NAMES_PAYMENT = "names-payment"
    NAMES_BATCH = "names-batch"
    NAMES_ANOTHER = "names-another"
    NAMED_IN_TEXT = "named-in-text"
    FOREIGN_REFERENCES = "foreign-references"
    NO_REFERENCES = "no-references"
    AMOUNT_AGREES = "amount-agrees"
    AMOUNT_DIFFERS = "amount-differs"
    ACCOUNT_AGREES = "account-agrees"
    ACCOUNT_DIFFERS = "account-differs"
    BY_ITS_DAY = "by-its-day"


def findings(line: BankLine, attempts: Sequence[KnownAttempt], match: MatchResult) -> tuple[Finding, ...]:
    """`attempts`: those at the payment that the line names; none where it names none."""
    return tuple(_of_references(line, attempts, match)) + tuple(_of_facts(line, _meant(attempts, match)))


def _meant(attempts: Sequence[KnownAttempt], match: MatchResult) -> KnownAttempt | None:
    """The attempt that was matched, or the only one that could be."""
    named = [one for one in attempts if one.attempt_id == match.attempt_id]
    return named[0] if named else attempts[0] if len(attempts) == 1 else None


def _of_references(line: BankLine, attempts: Sequence[KnownAttempt], match: MatchResult) -> Iterator[Finding]:
    of_attempts, of_payments = {one.attempt_id for one in attempts}, {one.disbursement_id for one in attempts}
    of_batches, batch_id = {one.batch_id for one in attempts}, own_batch_id(line.pmt_inf_id)
    texts = line.naming if names_of(*line.naming) & (of_attempts | of_payments) else (line.end_to_end_id, line.instr_id)
    names, numbers = names_of(*texts), {one for one in numbers_of(*texts) if one[0] in of_payments}
    known_numbers = {(one.disbursement_id, one.number) for one in attempts}
    if batch_id in of_payments | of_attempts:
        batch_id = None  # a copy of the EndToEndId, or of the InstrId
    if names & of_attempts or numbers & known_numbers:
        yield Finding.NAMES_ATTEMPT
    if names & of_payments:
        yield Finding.NAMES_PAYMENT
    if batch_id is not None:
        yield Finding.NAMES_BATCH
    another = batch_id is not None and attempts and batch_id not in of_batches
    if names - of_attempts - of_payments - of_batches or numbers - known_numbers or another or len(numbers) > 1:
        yield Finding.NAMES_ANOTHER
    if not names:
        given = any((line.end_to_end_id, line.instr_id, line.pmt_inf_id)) and batch_id is None
        yield Finding.NAMED_IN_TEXT if attempts else Finding.FOREIGN_REFERENCES if given else Finding.NO_REFERENCES
    exact = names & of_attempts or numbers
    if names & of_payments and not exact and batch_id is None and len(attempts) > 1 and match.attempt_id is not None:
        yield Finding.BY_ITS_DAY


def _of_facts(line: BankLine, meant: KnownAttempt | None) -> Iterator[Finding]:
    if meant is None:
        return
    if line.amount is not None:
        yield Finding.AMOUNT_AGREES if line.amount == meant.amount else Finding.AMOUNT_DIFFERS
    if line.account is not None:
        yield Finding.ACCOUNT_AGREES if line.account == meant.account else Finding.ACCOUNT_DIFFERS
