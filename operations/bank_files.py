"""A file of the bank as far as it can be read without the database: structure, balances, lines."""

from typing import Any

from services.payments.domain.bank_lines import BankLine, check_balances, lines_of_report, lines_of_statement
from services.payments.iso20022 import camt053, pain002
from services.payments.iso20022.camt053 import AccountStatement
from shared.kernel.errors import Refused

MOST_BYTES = 50_000_000


def describe(found: dict[str, Any], data: bytes) -> None:
    """Adds `message`, `accounts` and `lines` to `found`, with the names of the preview of the API. A report on an order as a whole has no
    line here: which transfers the order has is known to the platform alone. Raises `Refused` as the readers, and when balances disagree."""
    try:
        report = pain002.read_status_report(data, max_bytes=MOST_BYTES)
    except Refused as refused:
        if refused.code != "unknown-message":
            raise
        statement = camt053.read_statement(data, max_bytes=MOST_BYTES)
        accounts = [_account(one) for one in statement.accounts]
        lines = _lines(lines_of_statement(statement))
        unread = [{"account": one.account, "currency": one.currency, "code": one.refusal.code} for one in statement.unread]
        found |= {"message": statement.message, "accounts": accounts, "lines": lines, "unread": unread}
        check_balances(statement.accounts)
    else:
        found |= {"message": report.message, "accounts": [], "lines": _lines(lines_of_report(report, ()))}


def _account(one: AccountStatement) -> dict[str, Any]:
    return {
        "account": one.account,
        "first_day": one.first_day,
        "last_day": one.last_day,
        "opening_minor": one.opening.minor if one.opening else None,
        "closing_minor": one.closing.minor if one.closing else None,
        "currency": one.closing.currency if one.closing else None,
        "adds_up": one.adds_up,
        "lines": len(one.transactions),
    }


def _lines(lines: list[BankLine]) -> list[dict[str, Any]]:
    return [
        {
            "line": number,
            "event": line.event or "",
            "reason": line.note or "",
            "account": line.account,
            "amount_minor": line.amount.minor if line.amount else None,
            "currency": line.amount.currency if line.amount else None,
            "booked_on": line.on,
            "bank_reason": line.bank_reason,
            "bank_reference": line.bank_reference,
            "end_to_end_id": line.end_to_end_id,
            "instr_id": line.instr_id,
            "pmt_inf_id": line.pmt_inf_id,
        }
        for number, line in enumerate(lines, 1)
    ]
