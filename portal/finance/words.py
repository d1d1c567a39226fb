"""Codes of payments in words: states, steps, evidence, kinds of entries, reasons."""

from portal.finance import bank_words
from portal.kit.texts import text

COLOURS = {
    "prepared": "yellow", "approved": "blue", "sealed": "light-blue", "sent": "purple", "accepted": "turquoise", "rejected": "red",
    "unknown": "orange", "paid": "green", "returned": "red", "cancelled": "grey",
}  # fmt: skip
"""Of a payment's state."""


def states(language: str) -> dict[str, str]:
    """State of a payment → its name."""
    return {
        "prepared": text(language, "To be approved"),
        "approved": text(language, "Approved"),
        "sealed": text(language, "Sealed in a batch"),
        "sent": text(language, "Sent to the bank"),
        "accepted": text(language, "Accepted by the bank"),
        "rejected": text(language, "Rejected by the bank"),
        "unknown": text(language, "Outcome unknown"),
        "paid": text(language, "Paid"),
        "returned": text(language, "Returned by the bank"),
        "cancelled": text(language, "Cancelled"),
    }


def sentences(language: str) -> dict[str, str]:
    """State of a payment → what happened, who has it, what comes next."""
    return {
        "prepared": text(language, "It is prepared. Another person of finance approves it next; nothing is paid before."),
        "approved": text(language, "It is approved. It goes into the next batch that a person seals."),
        "sealed": text(language, "It is sealed in a batch. A second person releases the batch; then the bank gets it."),
        "sent": text(language, "The bank has it. Its answer comes by itself; if it does not come in time, the outcome is unknown."),
        "accepted": text(language, "The bank has accepted it. It is paid when the statement shows it."),
        "rejected": text(
            language, "The bank has rejected it. Once the reason is corrected, prepare the next attempt, or cancel the payment."
        ),
        "unknown": text(
            language, "The bank has not answered. Ask the bank. The payment is never sent again; a statement or a proof ends this state."
        ),
        "paid": text(language, "It is paid: the statement of the bank shows it. There is nothing to do."),
        "returned": text(
            language, "The bank has sent the money back. Once the reason is corrected, prepare the next attempt, or cancel the payment."
        ),
        "cancelled": text(language, "It is cancelled. Its amount is available in the envelope again."),
    }


def steps(language: str) -> dict[str, str]:
    """Duty → the step in words."""
    return {
        "apply": text(language, "acted for the applicant"),
        "draft-call": text(language, "wrote the call"),
        "publish-call": text(language, "published the call"),
        "confirm-budget": text(language, "confirmed the budget"),
        "register-evaluator": text(language, "registered an evaluator"),
        "import": text(language, "read the application in from a file"),
        "screen": text(language, "screened the application"),
        "overrule": text(language, "proposed to overrule a rule"),
        "confirm-overrule": text(language, "confirmed that a rule is overruled"),
        "assign-evaluator": text(language, "gave a seat to an evaluator"),
        "decide-appeal": text(language, "decided an appeal"),
        "score": text(language, "evaluated the application"),
        "decide": text(language, "approved the ranking"),
        "manage-voucher": text(language, "managed the voucher"),
        "set-account": text(language, "set the account"),
        "set-provider-account": text(language, "set the account of the provider"),
        "confirm-account": text(language, "confirmed the account"),
        "provide": text(language, "acted for the provider"),
        "check-provider": text(language, "checked the provider"),
        "suspend-provider": text(language, "suspended the provider"),
        "resume-provider": text(language, "ended the suspension of the provider"),
        "check-claim": text(language, "checked the claim"),
        "prepare": text(language, "prepared a payment"),
        "approve": text(language, "approved a payment"),
        "seal": text(language, "sealed a batch"),
        "release": text(language, "released a batch"),
        "resolve-bank-line": text(language, "resolved a line of the bank"),
        "order-recovery": text(language, "ordered a recovery"),
        "close-recovery": text(language, "closed a recovery"),
        "request-erasure": text(language, "asked for an erasure"),
        "confirm-erasure": text(language, "confirmed an erasure"),
        "place-hold": text(language, "placed a hold"),
        "lift-hold": text(language, "lifted a hold"),
    }


def events(language: str) -> dict[str, str]:
    """Event about a payment → what happened."""
    return {
        "DisbursementPrepared": text(language, "prepared"),
        "DisbursementApproved": text(language, "approved"),
        "DisbursementCancelled": text(language, "cancelled"),
        "DisbursementAccepted": text(language, "accepted by the bank"),
        "DisbursementRejected": text(language, "rejected by the bank"),
        "DisbursementRejectionConfirmed": text(language, "rejection confirmed"),
        "DisbursementOutcomeUnknown": text(language, "no answer of the bank in time: outcome unknown"),
        "DisbursementPaid": text(language, "paid"),
        "DisbursementReturned": text(language, "returned by the bank"),
        "DisbursementCorrected": text(language, "what two persons had said of it is undone"),
        "BankLineUnmatched": text(language, "a line of the bank contradicts what is known"),
        "BankLineResolved": text(language, "the line of the bank is resolved"),
    }


def closed_steps(language: str) -> dict[str, str]:
    """Step that is closed to the reader → the sentence."""
    return {
        "prepare": text(language, "You cannot prepare or cancel this payment"),
        "approve": text(language, "You cannot approve this payment"),
        "seal": text(language, "You cannot seal this payment"),
        "release": text(language, "You cannot release a batch with this payment"),
        "resolve-bank-line": text(language, "You cannot resolve a line of the bank about this payment"),
    }


def closed_because(code: str, language: str) -> str:
    return {
        "incompatible-step": text(language, "you took another step in this case; one person does not take both"),
        "wrong-role": text(language, "your role does not include it"),
        "foreign-region": text(language, "your role does not hold in this region"),
        "machine": text(language, "a person has to do it"),
    }.get(code, code)


def evidence(language: str) -> dict[str, str]:
    """What speaks for a payment."""
    return {
        "attempt-reference": text(language, "It has the reference of this attempt"),
        "payment-reference": text(language, "It has the reference of this payment"),
        "batch-reference": text(language, "It has the reference of the batch"),
        "named-in-text": text(language, "Its text names this payment"),
        "same-amount": text(language, "The amount is the same"),
        "same-account": text(language, "It is of the account that paid"),
        "awaits-answer": text(language, "The payment waits for an answer of the bank"),
    }


def line_reasons(language: str) -> dict[str, str]:
    """Why a line was not applied, or cannot be matched."""
    return {
        "no-reference": text(language, "It has no reference of ours"),
        "unknown-reference": text(language, "Its reference is of no payment that is known here"),
        "references-disagree": text(language, "Its references do not belong together"),
        "ambiguous-attempt": text(language, "It could be about several attempts"),
        "ordered-before-restore": text(language, "A payment file from before a restore orders it: it waits for its payment"),
        "foreign-account": text(language, "It is of another account than the one that pays"),
        "wrong-amount": text(language, "Its amount is another one"),
        "credit-of-others": text(language, "Money came in that is no return of a payment"),
        "partial-credit": text(language, "Less came in than is asked back"),
        "deposit-foreign-account": text(language, "A deposit came to another account of ours"),
        "deposit-wrong-amount": text(language, "Another amount than the deposit came in"),
        "deposit-partial": text(language, "Less than the deposit came in"),
        "deposit-too-late": text(language, "The deposit was booked after its term"),
        "deposit-when-paid": text(language, "The deposit came in twice"),
        "deposit-when-lapsed": text(language, "The deposit came in after the aid had lapsed"),
        "deposit-when-closed": text(language, "A deposit came in after the voucher had ended"),
        "credit-used": text(language, "Another recovery was settled with this credit"),
        "batch-differs": text(language, "Its sum is not the sum of the batch"),
        "booked-twice": text(language, "The payment is booked a second time"),
        "answered-before-release": text(language, "The batch of this payment was not released"),
        "recovered-already": text(language, "The money was recorded as recovered before"),
        "returned-before-booked": text(language, "The return came before the booking"),
        "returned-in-part": text(language, "Less came back than was paid"),
        "return-without-mark": text(language, "Money came in with the references of a payment, and the bank does not call it a return"),
        "of-the-day": text(language, "It is in a report of the day: the statement counts"),
        "not-booked": text(language, "It is not booked yet"),
        "return-taken-back": text(language, "The bank has taken a return back"),
        "report-contradicts-itself": text(language, "The report says two things about the same payments"),
        "decides-nothing": text(language, "The line says nothing that could be applied"),
        **bank_words.more_reasons(language),
    }


def reason_of(code: str, language: str) -> str:
    """A sentence for the code of a line; codes such as 'booked-after-rejected' name the two states."""
    first, middle, after = code.partition("-after-")
    if middle:
        known = states(language)
        return text(language, "The bank says %(event)s, after it was: %(state)s") % {
            "event": {"booked": known["paid"], "returned": known["returned"], "bank-accepted": known["accepted"],
                      "bank-rejected": known["rejected"]}.get(first, first),
            "state": known.get(after, after),
        }  # fmt: skip
    return line_reasons(language).get(code, code)


def file_reason(code: str, language: str) -> str:
    """Why a file of the bank was refused."""
    return {
        "file-too-large": text(language, "It is too large"),
        "unknown-encoding": text(language, "Its encoding is none that is read"),
        "not-in-its-encoding": text(language, "It is not written in the encoding that it declares"),
        "document-type": text(language, "It declares a document type, as no message of a bank does"),
        "too-many-elements": text(language, "It has too many elements"),
        "too-many-lines": text(language, "It has too many lines"),
        "not-xml": text(language, "It is no whole XML file: it is cut off, or another kind of file"),
        "unknown-message": text(
            language,
            "It is no statement (camt.053, MT940), notification (camt.054), report of the day (camt.052, MT942) or status report "
            "(pain.002)",
        ),
        "not-one-message": text(language, "It has more than one message"),
        "element-missing": text(language, "A part that is needed is missing"),
        "bad-amount": text(language, "An amount in it cannot be read"),
        "bad-date": text(language, "A date in it cannot be read"),
        "bad-entry": text(language, "A booking in it is not written in the form of SWIFT"),
        "bad-indicator": text(language, "It does not say whether money came in or went out"),
        "text-too-long": text(language, "A text in it is too long"),
        "balances-disagree": text(language, "Its opening balance and its bookings do not give its closing balance"),
        "nothing-of-ours": text(language, "It is about no account that payments are made from, and names no payment"),
        "several-regions": text(language, "It is about several regions: it has to come by the bank's folder"),
        "upload-too-long": text(language, "It has too many lines for a page: it has to come by the bank's folder"),
        "unusable-name": text(language, "Its name cannot be used"),
        "not-a-file": text(language, "It is no file"),
        "signature-missing": text(language, "It came without a signature of the bank"),
        "signature-invalid": text(language, "Its signature is not the bank's"),
        "file-missing": text(language, "It is no longer where refused files are kept"),
    }.get(code, code)


def outcomes(language: str) -> dict[str, str]:
    """What became of a line of the bank."""
    return {
        "applied": text(language, "Applied"),
        "repeated": text(language, "Known already"),
        "ignored": text(language, "Decides nothing"),
        "unmatched": text(language, "Unmatched"),
    }


def resolutions(language: str) -> dict[str, str]:
    """How a person, or two, resolved an unmatched line."""
    return {
        "matched": text(language, "Matched to a payment"),
        "recovery": text(language, "Settles a recovery"),
        "income": text(language, "Income that belongs to no case"),
        "returned-to-sender": text(language, "Goes back to the sender"),
        "sent-back": text(language, "The bank sent money back that came in by mistake"),
        "undone": text(language, "What was decided about it is undone by its opposite"),
        "otherwise": text(language, "Changes nothing, for another reason"),
        "confirmed": text(language, "The bank stands by it"),
        "bank-error": text(language, "The bank has withdrawn it"),
        "no-effect": text(language, "The bank stands by it, and it changes nothing"),
        **bank_words.more_resolutions(language),
    }


def entries(language: str) -> dict[str, str]:
    """Kind of a ledger entry."""
    return {
        "opened": text(language, "Envelope opened"),
        "reserved": text(language, "Reserved"),
        "committed": text(language, "Committed"),
        "reservation-released": text(language, "Reservation released"),
        "added": text(language, "Added to a voucher"),
        "commitment-released": text(language, "Decommitted"),
        "paid": text(language, "Paid"),
        "returned": text(language, "Returned"),
        "recovered": text(language, "Recovered"),
        "paid-undone": text(language, "A booking undone"),
        "returned-undone": text(language, "A return undone"),
        "recovered-undone": text(language, "A recovery opened again"),
        "topped-up": text(language, "Topped up"),
        "transferred-in": text(language, "Transferred from another envelope"),
        "transferred-out": text(language, "Transferred to another envelope"),
        "income": text(language, "Income of the region"),
        "to-sender": text(language, "To go back to the sender"),
        "sent-back": text(language, "Sent back"),
        "income-undone": text(language, "Income booked back"),
        "to-sender-undone": text(language, "Return to the sender booked back"),
        "sent-back-undone": text(language, "Sending back booked back"),
        "deposit-received": text(language, "Own share received"),
        "deposit-used": text(language, "Own share paid on to the provider"),
        "deposit-back": text(language, "Own share came back with a payment"),
        "deposit-left": text(language, "Rest of the own share goes back"),
        **bank_words.more_entries(language),
    }


def accounts(language: str) -> dict[str, str]:
    """Account of a ledger."""
    return {
        "funding": text(language, "Funding"),
        "available": text(language, "Available"),
        "reserved": text(language, "Reserved"),
        "committed": text(language, "Committed"),
        "paid": text(language, "Paid"),
        "recovered": text(language, "Recovered"),
        "clearing": text(language, "Bank clearing of the region"),
        "income": text(language, "Income of the region"),
        "suspense": text(language, "To be sent back"),
        "deposits": text(language, "Own shares held"),
        **bank_words.more_accounts(language),
    }


def reasons_of_lines(language: str) -> dict[str, str]:
    return {
        "bank-asked": text(language, "The bank was asked and said so"),
        "document-seen": text(language, "A document shows it"),
        "payer-asked": text(language, "The payer was asked"),
        "fee-of-the-bank": text(language, "It is a fee or interest of the bank"),
        "paid-by-mistake": text(language, "The payer paid by mistake"),
    }


def reasons_of_proofs(language: str) -> dict[str, str]:
    return {
        "statement": text(language, "A statement of the bank"),
        "letter": text(language, "A letter or message of the bank"),
        "bank-asked": text(language, "The bank was asked and said so"),
    }


def reasons_of_undoing(language: str) -> dict[str, str]:
    return {
        "bank-asked": text(language, "The bank was asked and said so"),
        "of-another-payment": text(language, "The document is of another payment"),
        "by-mistake": text(language, "The last decision was a mistake"),
    }


def reasons_of_changes(language: str) -> dict[str, str]:
    return {
        "budget-decision": text(language, "A decision on the budget"),
        "more-applicants": text(language, "More applicants than expected"),
        "money-left": text(language, "Money is left in the other call"),
        "correction": text(language, "A correction"),
    }


def reasons_of_recoveries(language: str) -> dict[str, str]:
    return {
        "irregularity": text(language, "An irregularity was found"),
        "double-funding": text(language, "The same cost was funded twice"),
        "paid-too-much": text(language, "Too much was paid"),
        "not-delivered": text(language, "What was promised was not delivered"),
    }


def reasons_of_write_offs(language: str) -> dict[str, str]:
    return {
        "insolvent": text(language, "The debtor is insolvent"),
        "cost-above-amount": text(language, "To recover it would cost more than it is"),
        "time-barred": text(language, "The claim is time-barred"),
        "ordered-by-mistake": text(language, "It was ordered by mistake"),
    }


def reasons_of_cancellations(language: str) -> dict[str, str]:
    return {
        "account-not-corrected": text(language, "The account cannot be corrected"),
        "prepared-by-mistake": text(language, "It was prepared by mistake"),
        "beneficiary-renounced": text(language, "The beneficiary renounced it"),
    }


def kept(options: dict[str, str], code: str) -> str:
    """The words of a code; the code itself where there are none."""
    return options.get(code, code)
