"""Statements of accounts that no payment is made from, in a file that has ours too: customers get all their accounts at once."""

import re
from collections.abc import Collection
from dataclasses import replace

from services.payments.domain.bank_lines import BankLine
from services.payments.domain.line_references import names_of
from services.payments.domain.recoveries import quoted_references

FOREIGN_ACCOUNT = "foreign-account"
_OURS = re.compile(r"\b[0-9a-f]{32}\b|\bVoucher \S+")
"""What `domain/batches.py` writes into the remittance text of a transfer."""


def passed_over(line: BankLine, ours: Collection[str]) -> BankLine:
    """The line. Of an account that is none of `ours` it decides nothing, unless it names something of ours: that a person has to know."""
    if line.account is None or line.account in ours:
        return line
    texts = (line.end_to_end_id, *line.remittance)
    names_ours = names_of(*line.naming) or quoted_references(texts) or any(_OURS.search(text) for text in line.remittance)
    return line if names_ours else replace(line, event=None, note=FOREIGN_ACCOUNT)
