"""Reads our own payment files back, for files in the outgoing folder that a restored database does not know."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.payments.iso20022.model import own_id, own_payment
from services.payments.iso20022.xml_reader import Node, read_message
from shared.kernel.errors import Refused
from shared.kernel.money import Money, total

MESSAGES = frozenset({"pain.001.001.03", "pain.001.001.09"})
_REMITTANCE = re.compile(r"Voucher (\S+) payment ")


@dataclass(frozen=True, slots=True)
class OrderedTransfer:
    """One transfer with our own ids. `voucher_code` is empty when the remittance line is not in our form. `number` of the attempt: None in
    a file from before its EndToEndId said it."""

    disbursement_id: UUID
    attempt_id: UUID
    amount: Money
    voucher_code: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class OrderedBatch:
    """`debtor_account` as it is in the file; `sealed_at` is an aware instant."""

    batch_id: UUID
    sealed_at: datetime
    execution_on: date
    debtor_account: str
    transfers: tuple[OrderedTransfer, ...]

    @property
    def total(self) -> Money:
        return total((transfer.amount for transfer in self.transfers), self.transfers[0].amount.currency)


def read_batch(data: bytes, *, max_bytes: int) -> OrderedBatch:
    """Raises `Refused` naming the element at fault: a file that is incomplete or not ours proves nothing."""
    _, order = read_message(data, max_bytes, MESSAGES)
    group = order.find("PmtInf")
    if group is None:
        raise order.missing("PmtInf")
    sealed_at, execution_on = order.moment("GrpHdr/CreDtTm"), group.day("ReqdExctnDt") or group.plain_day("ReqdExctnDt")
    transfers = tuple(_transfers(group))
    if sealed_at is None:
        raise order.missing("GrpHdr/CreDtTm")
    if execution_on is None:
        raise group.missing("ReqdExctnDt")
    if not transfers:
        raise group.missing("CdtTrfTxInf")
    if order.required("GrpHdr/NbOfTxs") != str(len(transfers)):
        raise Refused(
            "wrong-count", "The payment file announces another number than its {count} transfers.", field="NbOfTxs", count=len(transfers)
        )
    return OrderedBatch(
        batch_id=_own(order, "GrpHdr/MsgId"),
        sealed_at=sealed_at,
        execution_on=execution_on,
        debtor_account=group.required("DbtrAcct/Id/IBAN", "DbtrAcct/Id/Othr/Id"),
        transfers=transfers,
    )


def _transfers(group: Node) -> Iterator[OrderedTransfer]:
    for transfer in group.each("CdtTrfTxInf"):
        amount = transfer.money("Amt/InstdAmt")
        if amount is None:
            raise transfer.missing("Amt/InstdAmt")
        found = _REMITTANCE.match(transfer.text("RmtInf/Ustrd") or "")
        payment = own_payment(transfer.required("PmtId/EndToEndId"))
        if payment is None:
            raise _foreign(transfer, "PmtId/EndToEndId")
        yield OrderedTransfer(payment[0], _own(transfer, "PmtId/InstrId"), amount, found[1] if found else "", payment[1])


def _own(node: Node, path: str) -> UUID:
    identity = own_id(node.required(path))
    if identity is None:
        raise _foreign(node, path)
    return identity


def _foreign(node: Node, path: str) -> Refused:
    place = node.place(path)
    return Refused("foreign-reference", "The payment file is not ours: {element} is not one of our references.", field=place, element=place)
