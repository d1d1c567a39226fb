"""A service that a beneficiary orders with its voucher: what may follow. (No I/O, no clock: everything is an argument.)"""

from collections.abc import Iterable
from datetime import datetime

from services.payments.domain.claim_lines import Line
from services.payments.domain.states import OrderState
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import typed_code
from shared.kernel.money import Money
from shared.kernel.vocabulary import PaymentMode

_CODE_LETTERS = 8


def check_order_may_be_placed(payment_mode: str | None, left: Money, has_live_order: bool, has_open_draft: bool) -> None:
    """A voucher that is paid to providers has one order at a time, while something is left to pay for it."""
    if payment_mode != PaymentMode.PROVIDER_DIRECT:
        raise Refused("order-not-direct", "This voucher is paid to you, not to a provider: buy the service and claim.", field="voucher_id")
    if has_live_order:
        raise Conflict("order-open", "This voucher has an order that is not finished. Cancel it, or wait until it is delivered.")
    if has_open_draft:
        raise Conflict("order-draft-open", "A claim on this voucher has been begun. Lodge or delete it before you order.")
    if left.minor == 0:
        raise Refused("order-nothing-left", "Nothing of this voucher is left to pay for an order.", field="agreed_minor")


def check_order_step(state: str, *allowed: OrderState) -> None:
    """`Conflict` 'order-state' when the order is in another state by now."""
    if state not in allowed:
        raise Conflict("order-state", "The order is {state} by now. Read it again.", state=state)


def check_in_time(answer_by: datetime | None, now: datetime, zone: str) -> None:
    """`Refused` 'order-answer-late' after the time that the policy gives a provider to accept."""
    if answer_by is not None and now >= answer_by:
        raise Refused(
            "order-answer-late",
            "The order could be accepted until {until}. The beneficiary can order again.",
            until=answer_by,
            zone=zone,
        )


def check_code(given: str, code: str | None) -> None:
    """`Refused` 'order-wrong-code' unless it is the code of the voucher, in any spelling: who redeems has met who holds the voucher."""
    typed = typed_code(given, _CODE_LETTERS)
    if typed is None or typed != (code and typed_code(code, _CODE_LETTERS)):
        raise Refused("order-wrong-code", "This is not the code of the voucher of this order. Ask the beneficiary for it.", field="code")


def check_invoice(lines: Iterable[Line], with_file: Iterable[int], agreed: Money) -> None:
    """An invoice has a line, the file of the invoice at each line, and is not above what was agreed, in the same currency."""
    known = list(lines)
    if not known:
        raise Refused("no-lines", "The claim has no line yet: add the first invoice.", field="lines")
    if {line.number for line in known} - set(with_file):
        raise Refused("invoice-file-missing", "The file of the invoice is missing.", field="files")
    if any(line.currency != agreed.currency for line in known):
        raise Refused("order-other-currency", "Invoices of an order are in {currency}.", field="lines", currency=agreed.currency)
    total = Money(sum(line.gross_minor for line in known), agreed.currency)
    if total > agreed:
        raise Refused(
            "order-above-agreed", "The invoices come to {total}, more than the {agreed} that were agreed.", field="lines", total=total,
            total_minor=total.minor, agreed=agreed, agreed_minor=agreed.minor,
        )  # fmt: skip
