"""What the desk of finance says about lines of the bank beyond their reasons: why a line was matched, statuses, returns in part."""

from portal.kit.texts import text


def findings(language: str) -> dict[str, str]:
    """What one part of a line says."""
    return {
        "names-attempt": text(language, "It has the reference of this attempt"),
        "names-payment": text(language, "It has the reference of this payment"),
        "names-batch": text(language, "It has the reference of the batch"),
        "names-another": text(language, "A reference of ours in it is of something else"),
        "named-in-text": text(language, "Only its text names the payment"),
        "foreign-references": text(language, "Its references are the bank's own, so they say nothing"),
        "no-references": text(language, "It has no references"),
        "amount-agrees": text(language, "The amount is that of the payment"),
        "amount-differs": text(language, "The amount is not that of the payment"),
        "account-agrees": text(language, "It is of the account that paid"),
        "account-differs": text(language, "It is of another account than the one that paid"),
        "by-its-day": text(language, "Its day says which attempt it is"),
    }


def rests(language: str) -> dict[str, str]:
    """What became of the money that did not come back."""
    return {
        "charge": text(language, "A bank kept it as a charge"),
        "to-come-back": text(language, "It is still to come"),
    }


def obstacles(language: str) -> dict[str, str]:
    """Why what was said of a line, or by a proof, cannot be undone."""
    return {
        "later-attempt": text(language, "It cannot be undone: the payment has a further attempt since."),
        "answer-superseded": text(
            language,
            "It cannot be undone now: a later answer of the bank, or a later decision, rests on it. Undo that one first, or leave this.",
        ),
        "payment-asked-back": text(
            language, "It cannot be undone now: the payment is asked back. Write the recovery off, or undo its settlement, first."
        ),
        "rejection-confirmed-since": text(
            language,
            "It cannot be undone: another person has confirmed with the bank that the payment was rejected. Prepare the next attempt.",
        ),
    }


def more_reasons(language: str) -> dict[str, str]:
    """Why a line was not applied, of what a bank may say in a status report."""
    return {
        "returned-twice": text(language, "The payment came back a second time"),
        "second-debit-returned": text(language, "Money of a payment that was debited twice came back"),
        "duplicate-of-an-order": text(language, "The bank took the order for a repetition of an earlier one"),
        "cancelled-by-the-bank": text(language, "The bank has cancelled the order"),
        "blocked-by-the-bank": text(language, "The bank has blocked the money"),
        "awaits-our-confirmation": text(language, "The bank waits for a confirmation by us"),
        "payee-name-differs": text(language, "The name of the payee is not that of the account holder"),
        "payee-name-nearly": text(language, "The name of the payee is nearly that of the account holder"),
        "payee-name-unchecked": text(language, "The name of the payee could not be checked"),
        "unknown-status": text(language, "The bank gives a status that is not known here"),
    }


def more_resolutions(language: str) -> dict[str, str]:
    return {
        "charge": text(language, "A charge of the bank"),
        "to-come-back": text(language, "Money that left and that nobody ordered; the bank has to pay it back"),
        "came-back": text(language, "The bank pays back what it had taken"),
        "returned-in-part": text(language, "A payment came back, less a part"),
        "split": text(language, "Several things at once"),
    }


def more_entries(language: str) -> dict[str, str]:
    """Kind of a ledger entry."""
    return {
        "charge": text(language, "Charge of the bank"),
        "to-come-back": text(language, "To come back from the bank"),
        "came-back": text(language, "Came back from the bank"),
        "charge-undone": text(language, "Charge booked back"),
        "to-come-back-undone": text(language, "Amount to come back booked back"),
        "came-back-undone": text(language, "Amount that came back booked back"),
    }


def more_accounts(language: str) -> dict[str, str]:
    return {
        "charges": text(language, "Charges of the bank"),
        "receivable": text(language, "To come back from the bank"),
    }
