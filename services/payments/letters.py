"""What payments says to people in their language: why a bank did not pay, and who does what now."""

from services.payments.domain.bank_reasons import Remedy, meaning_of
from shared.texts import say


def reason_in_words(code: str, language: str) -> tuple[str, str]:
    """What the bank's code means, and the remedy."""
    meaning = meaning_of(code)
    return _meanings(language)[meaning.text], _remedies(language)[meaning.remedy]


def _meanings(language: str) -> dict[str, str]:
    return {
        "number-wrong": say(language, "There is no account with this number."),
        "payer-account": say(language, "The bank did not accept the account of the programme that pays."),
        "account-closed": say(language, "The account is closed."),
        "account-blocked": say(language, "The account is blocked."),
        "account-kind": say(language, "Accounts of this kind do not take such transfers."),
        "transfer-forbidden": say(language, "The account does not take such transfers."),
        "order-wrong": say(language, "The bank could not process the order as it was written."),
        "amount-refused": say(language, "The bank did not accept the amount."),
        "not-covered": say(language, "The money of the programme was not available at the bank that day."),
        "duplicate": say(language, "The bank took the order for a repetition of an earlier one."),
        "name-differs": say(language, "The name does not belong to the account."),
        "address-missing": say(language, "The address of the account holder is missing or incomplete."),
        "holder-unknown": say(language, "The bank does not know the account holder."),
        "bank-unreachable": say(language, "The bank of the account cannot be reached under this number."),
        "currency": say(language, "The account does not take this currency."),
        "asked-back": say(language, "The money was asked back."),
        "settlement-failed": say(language, "The transfer between the banks failed for a technical reason."),
        "fraud": say(language, "The bank stopped the payment to look into it."),
        "holder-deceased": say(language, "The bank has the account holder as deceased."),
        "refused-by-holder": say(language, "The account holder did not want the payment."),
        "not-stated": say(language, "The bank gave no reason that we know."),
        "no-answer-of-holder": say(language, "The account holder did not answer the bank."),
        "legal": say(language, "The bank needs more information about the payer or the payee by law."),
        "too-late-in-the-day": say(language, "The order reached the bank after its last hour of the day."),
        "not-due": say(language, "The bank took the payment as not due."),
    }


def _remedies(language: str) -> dict[Remedy, str]:
    return {
        Remedy.ACCOUNT: say(language, "Look at the account with your bank, and give another one if it is wrong. Then it is paid again."),
        Remedy.PAYER: say(language, "The finance office looks into it. You need not do anything."),
        Remedy.WAIT: say(language, "The finance office pays it again. You need not do anything."),
    }
