"""A recovery is settled by a credit of the bank that quotes its reference with the exact amount, or by a second person who names one."""

import hashlib
import re
from dataclasses import dataclass
from uuid import UUID

from stdnum.iso7064 import mod_97_10
from stdnum.iso11649 import is_valid

from shared.kernel.money import Money
from shared.kernel.vocabulary import RecoveryState

_QUOTED = re.compile(r"RF\d\d(?: ?[0-9A-F]){16}(?![0-9A-Z])")


@dataclass(frozen=True, slots=True)
class Owed:
    """A recovery as a credit finds it. `account` is ours; `returnable`: what was paid on the voucher and has not come back."""

    state: str
    account: str
    amount: Money
    returnable: Money


def reference_of(recovery_id: UUID) -> str:
    """The creditor reference (ISO 11649) that the debtor quotes: 20 characters, the same for the same recovery."""
    body = hashlib.sha256(recovery_id.bytes).hexdigest()[:16].upper()
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"


def quoted_references(texts: tuple[str | None, ...]) -> list[str]:
    """The valid references in what the payer wrote, without blanks."""
    found = (match.group().replace(" ", "") for text in texts if text for match in _QUOTED.finditer(text.upper()))
    return [reference for reference in found if is_valid(reference)]


def doubt_about_credit(owed: Owed, account: str | None, amount: Money | None) -> str | None:
    """Why a person has to look at the credit; None when it settles the recovery."""
    if account != owed.account:
        return "foreign-account"
    if owed.state != RecoveryState.ORDERED:
        return f"credit-after-{owed.state}"
    if amount is None or amount.currency != owed.amount.currency or amount.minor > owed.amount.minor:
        return "wrong-amount"
    if amount.minor < owed.amount.minor:
        return "partial-credit"
    return "returned-already" if amount.minor > owed.returnable.minor else None
