"""Which words of a line of the bank are kept: what the bank says, what the payer wrote, who the payer is."""

import re
from collections.abc import Iterable

from services.payments.domain.bank_lines import BankLine, LineOutcome

BANK, TEXT, PARTY = "bank", "text", "party"
MOST_WORDS = 10
LONGEST_WORD = 500
_OURS = re.compile(r"Voucher \S+ payment [0-9a-f]{32}")
"""What `domain/batches.py` writes into the remittance text of a transfer."""


def words_to_keep(line: BankLine, outcome: LineOutcome) -> dict[str, list[str]]:
    """Empty where there is nothing to keep. What the bank says of a payment is kept once, not again with each repetition of it; what
    somebody else wrote only of a line that a person has to look at."""
    if outcome is LineOutcome.REPEATED:
        return {}
    open_to_all = outcome is LineOutcome.UNMATCHED
    kept = {BANK: line.words, TEXT: line.remittance if open_to_all else (), PARTY: (line.party or "",) if open_to_all else ()}
    return {name: found for name, texts in kept.items() if (found := _readable(texts))}


def _readable(texts: Iterable[str]) -> list[str]:
    """Each once, without our own remittance text, which the bank repeats."""
    cleaned = (" ".join(_OURS.sub(" ", text).split())[:LONGEST_WORD] for text in texts)
    return list(dict.fromkeys(text for text in cleaned if text))[:MOST_WORDS]
