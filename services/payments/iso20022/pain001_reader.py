"""Our own orders read back: what a bank file in the outgoing folder tells the bank to pay, when no database knows it any more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.payments.iso20022.model import own_id
from services.payments.iso20022.xml_reader import Node, read_message
from shared.kernel.money import Money, total

MESSAGES = frozenset({"pain.001.001.09"})
_REMITTANCE = re.compile(r"Voucher (\S+) payment ")


@dataclass(frozen=True, slots=True)
class OrderedTransfer:
    """One transfer with our own ids. `voucher_code` is empty when the remittance line is not of our making."""

    disbursement_id: UUID
    attempt_id: UUID
    amount: Money
    voucher_code: str


@dataclass(frozen=True, slots=True)
class OrderedBatch:
    """`debtor_account` as it stands in the file; `sealed_at` is an aware instant."""

    batch_id: UUID
    sealed_at: datetime
    execution_on: date
    debtor_account: str
    transfers: tuple[OrderedTransfer, ...]

    @property
    def total(self) -> Money:
        return total((transfer.amount for transfer in self.transfers), self.transfers[0].amount.currency)


def read_batch(data: bytes, *, max_bytes: int) -> OrderedBatch:
    """Raises `Refused` naming the element at fault: a file that is not whole, or not of our making, is no evidence of anything."""
    _, order = read_message(data, max_bytes, MESSAGES)
    group = order.find("PmtInf")
    if group is None:
        raise order.refused("element-missing", "PmtInf", "is missing")
    sealed_at, execution_on = order.moment("GrpHdr/CreDtTm"), group.day("ReqdExctnDt")
    transfers = tuple(_transfers(group))
    if sealed_at is None or execution_on is None or not transfers:
        raise order.refused("element-missing", "GrpHdr/CreDtTm", "or ReqdExctnDt, or every transfer, is missing")
    if order.required("GrpHdr/NbOfTxs") != str(len(transfers)):
        raise order.refused("wrong-count", "GrpHdr/NbOfTxs", f"says otherwise than the {len(transfers)} transfers that follow")
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
            raise transfer.refused("element-missing", "Amt/InstdAmt", "is missing")
        found = _REMITTANCE.match(transfer.text("RmtInf/Ustrd") or "")
        yield OrderedTransfer(_own(transfer, "PmtId/EndToEndId"), _own(transfer, "PmtId/InstrId"), amount, found[1] if found else "")


def _own(node: Node, path: str) -> UUID:
    identity = own_id(node.required(path))
    if identity is None:
        raise node.refused("foreign-reference", path, "is not a reference of ours")
    return identity
