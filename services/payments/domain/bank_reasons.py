"""What the reason codes of banks mean: the external status and return reasons of ISO 20022 that credit transfers use.

Source: ISO 20022 external code sets, ExternalStatusReason1Code and ExternalReturnReason1Code, as in the SEPA credit transfer rulebook.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Remedy(StrEnum):
    """Who has to act first. ACCOUNT: the payee gives another account. PAYER: finance corrects the order, or asks the bank. WAIT: the same
    order may succeed later, or is being looked into."""

    ACCOUNT = "account"
    PAYER = "payer"
    WAIT = "wait"


class Meaning(NamedTuple):
    """`text` is a sentence of `services/payments/letters.py`, by its name."""

    text: str
    remedy: Remedy


REASONS: Mapping[str, Meaning] = MappingProxyType(
    {
        "AC01": Meaning("number-wrong", Remedy.ACCOUNT),
        "AC02": Meaning("payer-account", Remedy.PAYER),
        "AC03": Meaning("number-wrong", Remedy.ACCOUNT),
        "AC04": Meaning("account-closed", Remedy.ACCOUNT),
        "AC06": Meaning("account-blocked", Remedy.ACCOUNT),
        "AC07": Meaning("account-closed", Remedy.ACCOUNT),
        "AC13": Meaning("account-kind", Remedy.ACCOUNT),
        "AC14": Meaning("account-kind", Remedy.ACCOUNT),
        "AG01": Meaning("transfer-forbidden", Remedy.ACCOUNT),
        "AG02": Meaning("order-wrong", Remedy.PAYER),
        "AG07": Meaning("account-blocked", Remedy.ACCOUNT),
        "AM02": Meaning("amount-refused", Remedy.PAYER),
        "AM04": Meaning("not-covered", Remedy.PAYER),
        "AM05": Meaning("duplicate", Remedy.PAYER),
        "AM07": Meaning("not-covered", Remedy.PAYER),
        "AM09": Meaning("amount-refused", Remedy.PAYER),
        "BE01": Meaning("name-differs", Remedy.ACCOUNT),
        "BE04": Meaning("address-missing", Remedy.ACCOUNT),
        "BE05": Meaning("order-wrong", Remedy.PAYER),
        "BE06": Meaning("holder-unknown", Remedy.ACCOUNT),
        "BE07": Meaning("address-missing", Remedy.ACCOUNT),
        "CNOR": Meaning("bank-unreachable", Remedy.ACCOUNT),
        "CURR": Meaning("currency", Remedy.ACCOUNT),
        "CUST": Meaning("asked-back", Remedy.PAYER),
        "DNOR": Meaning("bank-unreachable", Remedy.ACCOUNT),
        "DT01": Meaning("order-wrong", Remedy.PAYER),
        "DUPL": Meaning("duplicate", Remedy.PAYER),
        "ED05": Meaning("settlement-failed", Remedy.WAIT),
        "ERIN": Meaning("bank-unreachable", Remedy.ACCOUNT),
        "FF01": Meaning("order-wrong", Remedy.PAYER),
        "FOCR": Meaning("asked-back", Remedy.PAYER),
        "FR01": Meaning("fraud", Remedy.PAYER),
        "FRAD": Meaning("fraud", Remedy.PAYER),
        "MD07": Meaning("holder-deceased", Remedy.PAYER),
        "MS02": Meaning("refused-by-holder", Remedy.PAYER),
        "MS03": Meaning("not-stated", Remedy.PAYER),
        "NARR": Meaning("not-stated", Remedy.PAYER),
        "NOAS": Meaning("no-answer-of-holder", Remedy.PAYER),
        "RC01": Meaning("bank-unreachable", Remedy.ACCOUNT),
        "RC03": Meaning("order-wrong", Remedy.PAYER),
        "RC04": Meaning("bank-unreachable", Remedy.ACCOUNT),
        "RC07": Meaning("bank-unreachable", Remedy.ACCOUNT),
        "RR01": Meaning("legal", Remedy.PAYER),
        "RR02": Meaning("legal", Remedy.PAYER),
        "RR03": Meaning("legal", Remedy.PAYER),
        "RR04": Meaning("legal", Remedy.PAYER),
        "TECH": Meaning("settlement-failed", Remedy.WAIT),
        "TM01": Meaning("too-late-in-the-day", Remedy.WAIT),
        "UPAY": Meaning("not-due", Remedy.PAYER),
    }
)
UNKNOWN = Meaning("not-stated", Remedy.PAYER)
"""Of a code of the bank's own, or one that the table does not have yet."""


def meaning_of(code: str) -> Meaning:
    """Of an attempt's `bank_reason`; of several codes, the first that is known."""
    return next((REASONS[one] for one in code.replace(",", " ").split() if one in REASONS), UNKNOWN)
