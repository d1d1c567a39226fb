"""The bank's reader of pain.001.001.09. It shares no code with the writer in payments."""

from dataclasses import dataclass
from datetime import date

from lxml import etree

from shared.kernel.money import Money

_NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


class Unreadable(Exception):
    """The order is refused as a whole. `code` is the ISO reason: FF01 format, AM10 control sum, AM18 number of transfers."""

    def __init__(self, code: str, msg_id: str | None = None) -> None:
        super().__init__(code)
        self.code, self.msg_id = code, msg_id


@dataclass(frozen=True, slots=True)
class OrderedTransfer:
    """One transfer as ordered. `account` is the debtor's."""

    msg_id: str
    pmt_inf_id: str
    end_to_end_id: str
    instr_id: str
    amount: Money
    account: str
    execution_on: date
    batch_booking: bool


@dataclass(frozen=True, slots=True)
class Order:
    msg_id: str
    transfers: tuple[OrderedTransfer, ...]


def read_order(data: bytes) -> Order:
    """Reads an order. Raises `Unreadable`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
        order = root.find("p:CstmrCdtTrfInitn", _NS)
        if order is None or root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable("FF01")
        msg_id = _text(order, "GrpHdr/MsgId")
        transfers = tuple(transfer for group in order.iterfind("p:PmtInf", _NS) for transfer in _read_group(group, msg_id))
        _check_totals(order, msg_id, [transfer.amount.minor for transfer in transfers])
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("FF01") from error
    return Order(msg_id, transfers)


def _read_group(group: etree._Element, msg_id: str) -> list[OrderedTransfer]:
    """Reads the fields that all transfers of the group share once: each search passes over the whole group."""
    account = group.find("p:DbtrAcct/p:Id", _NS)
    if account is None:
        raise ValueError("no debtor account")
    number = "".join(account.itertext()).split()[0]
    pmt_inf_id, batch_booking = _text(group, "PmtInfId"), _text(group, "BtchBookg") == "true"
    execution_on = date.fromisoformat(_text(group, "ReqdExctnDt/Dt"))
    return [
        OrderedTransfer(
            msg_id=msg_id,
            pmt_inf_id=pmt_inf_id,
            end_to_end_id=_text(transfer, "PmtId/EndToEndId"),
            instr_id=_text(transfer, "PmtId/InstrId"),
            amount=_amount(transfer),
            account=number,
            execution_on=execution_on,
            batch_booking=batch_booking,
        )
        for transfer in group.iterfind("p:CdtTrfTxInf", _NS)
    ]


def _amount(transfer: etree._Element) -> Money:
    amount = transfer.find("p:Amt/p:InstdAmt", _NS)
    if amount is None:
        raise ValueError("no amount")
    money = Money.parse(amount.text or "", amount.get("Ccy", ""))
    if money.minor <= 0:
        raise ValueError("nothing to pay")
    return money


def _check_totals(order: etree._Element, msg_id: str, minors: list[int]) -> None:
    """The control sum has no currency; every currency here has two digits."""
    if _text(order, "GrpHdr/NbOfTxs") != str(len(minors)):
        raise Unreadable("AM18", msg_id)
    if Money.parse(_text(order, "GrpHdr/CtrlSum"), "EUR").minor != sum(minors):
        raise Unreadable("AM10", msg_id)


def _text(element: etree._Element, path: str) -> str:
    text = element.findtext("/".join(f"p:{name}" for name in path.split("/")), namespaces=_NS)
    if not text or not text.strip():
        raise ValueError(f"no {path}")
    return str(text.strip())
