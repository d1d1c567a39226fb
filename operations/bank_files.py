"""A file of the bank as far as it can be read without the database: structure, balances, lines."""

from typing import Any

from services.payments.domain.bank_lines import BankLine, check_balances, lines_of_report, lines_of_statement
from services.payments.domain.report_verdicts import parts_of_report
from services.payments.iso20022.bank_message import read_bank_message
from services.payments.iso20022.camt053 import AccountStatement, UnreadPart
from services.payments.iso20022.pain002 import StatusReport, Verdict

MOST_BYTES = 50_000_000


def describe(found: dict[str, Any], data: bytes) -> None:
    """Adds `message`, `accounts`, `unread`, `statuses` and `lines` to `found`, with the names of the preview of the API. What a report says
    of an order as a whole is in `statuses`: which transfers the order has is known to the platform alone. Raises `Refused` as the
    readers, and when balances disagree."""
    message = read_bank_message(data, max_bytes=MOST_BYTES)
    found |= {"message": message.message, "accounts": [], "unread": [], "statuses": []}
    if isinstance(message, StatusReport):
        of_order = _status("order", message.original_message_id, message.verdict)
        found["statuses"] = [of_order, *(_status("block", group.pmt_inf_id, group.verdict) for group in message.groups)]
        found["lines"] = _lines([line for part in parts_of_report(message) for line in lines_of_report(part, ())])
        return
    found["accounts"], found["unread"] = list(map(_account, message.accounts)), list(map(_unread, message.unread))
    found["lines"] = _lines(lines_of_statement(message))
    check_balances(message.accounts)


def _status(of: str, reference: str, verdict: Verdict) -> dict[str, Any]:
    means = "accepted" if verdict.is_accepted else "rejected" if verdict.is_rejected else "nothing yet"
    return {"of": of, "reference": reference, "status": verdict.status, "means": means, "reasons": verdict.reasons}


def _unread(part: UnreadPart) -> dict[str, Any]:
    """Passed over by the platform, unless payments are made from the account in this currency."""
    refusal = part.refusal
    return {
        "account": part.account, "currency": part.currency, "code": refusal.code, "place": refusal.field, "reason": refusal.detail,
    }  # fmt: skip


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
