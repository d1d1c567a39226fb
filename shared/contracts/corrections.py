"""Events of `payments`: two persons have taken back what they had said of a payment, or of a recovery.

An answer of the bank that comes after a correction of an attempt (`BankAnswer`) has the number of corrections before it: by persons, or by
another debit after a return. Of two answers with the same number, a return is the later.
"""

from shared.contracts.common import Code, Currency, MinorUnits
from shared.contracts.payments import DisbursementEvent, RecoveryEvent
from shared.identity.duties import Duty


class RecoveryReopened(RecoveryEvent, reader="verify (invariant 3); case history", duty=Duty.CLOSE_RECOVERY):
    """Two persons have undone that a credit settled it: the money is asked back again. `reopened` counts how often, from 1."""

    reopened: int


class DisbursementCorrected(DisbursementEvent, duty=Duty.RESOLVE_BANK_LINE):
    """Two persons have taken back what they had said of this attempt: it is no longer `undone` (accepted, rejected, paid or returned), but
    in `state` (unknown, paid or returned), and the money follows. `own_minor` of it is of the beneficiary's deposit (None: nothing)."""

    correction: int
    undone: Code
    state: Code
    amount_minor: MinorUnits
    currency: Currency
    own_minor: MinorUnits | None = None
