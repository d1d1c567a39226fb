"""The payment file, our order to the bank: pain.001.001.09. The same batch always gives the same bytes."""

from datetime import UTC
from typing import Any

from lxml import etree

from services.payments.iso20022.model import (
    Account,
    Address,
    BatchFile,
    CreditTransfer,
    Party,
    payment_information_id,
    reference,
)
from services.payments.iso20022.rules import check_batch
from services.payments.iso20022.transliterate import transliterate
from shared.kernel.errors import Refused
from shared.kernel.money import total

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_DEFAULT_NAMESPACE: dict[Any, str] = {None: NAMESPACE}


def build_batch(batch: BatchFile) -> bytes:
    """The file's bytes. `Refused` 'batch-not-payable': `field` is the first one at fault, and `problems` pairs each field with a code."""
    if problems := check_batch(batch):
        found = [(problem.field, problem.code) for problem in problems]
        raise Refused("batch-not-payable", "The bank would refuse the payment file: {problems}.", field=problems[0].field, problems=found)
    document = etree.Element(_tag("Document"), nsmap=_DEFAULT_NAMESPACE)
    order = _add(document, "CstmrCdtTrfInitn")
    _add_header(_add(order, "GrpHdr"), batch)
    _add_payment_information(_add(order, "PmtInf"), batch)
    data: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _add_header(header: etree._Element, batch: BatchFile) -> None:
    _add(header, "MsgId", reference(batch.batch_id))
    _add(header, "CreDtTm", f"{batch.sealed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    _add_totals(header, batch)
    _add(_add(header, "InitgPty"), "Nm", transliterate(batch.debtor.name))


def _add_totals(parent: etree._Element, batch: BatchFile) -> None:
    _add(parent, "NbOfTxs", str(len(batch.transfers)))
    _add(parent, "CtrlSum", total((transfer.amount for transfer in batch.transfers), batch.profile.currency).decimal())


def _add_payment_information(group: etree._Element, batch: BatchFile) -> None:
    _add(group, "PmtInfId", payment_information_id(batch.batch_id))
    _add(group, "PmtMtd", "TRF")
    _add(group, "BtchBookg", "true" if batch.batch_booking else "false")
    _add_totals(group, batch)
    _add(group, "PmtTpInf/SvcLvl/Cd", batch.profile.service_level)
    _add(group, "ReqdExctnDt/Dt", batch.execution_on.isoformat())
    _add_party(_add(group, "Dbtr"), batch.debtor)
    _add_account(_add(group, "DbtrAcct"), batch.debtor.account)
    _add(group, "DbtrAcct/Ccy", batch.profile.currency)
    _add_agent(_add(group, "DbtrAgt"), batch.debtor.bic)
    _add(group, "ChrgBr", batch.profile.charge_bearer)
    for transfer in batch.transfers:
        _add_transfer(_add(group, "CdtTrfTxInf"), transfer)


def _add_transfer(parent: etree._Element, transfer: CreditTransfer) -> None:
    payment_id = _add(parent, "PmtId")
    _add(payment_id, "InstrId", reference(transfer.attempt_id))
    _add(payment_id, "EndToEndId", reference(transfer.disbursement_id))
    _add(parent, "Amt/InstdAmt", transfer.amount.decimal()).set("Ccy", transfer.amount.currency)
    if transfer.payee.bic:
        _add_agent(_add(parent, "CdtrAgt"), transfer.payee.bic)
    _add_party(_add(parent, "Cdtr"), transfer.payee)
    _add_account(_add(parent, "CdtrAcct"), transfer.payee.account)
    _add(parent, "RmtInf/Ustrd", transliterate(transfer.remittance))


def _add_party(parent: etree._Element, party: Party) -> None:
    _add(parent, "Nm", transliterate(party.name))
    if party.address:
        _add_address(_add(parent, "PstlAdr"), party.address)


def _add_address(parent: etree._Element, address: Address) -> None:
    parts = {"StrtNm": address.street, "BldgNb": address.building, "PstCd": address.post_code, "TwnNm": address.town}
    for tag, text in parts.items():
        if text:
            _add(parent, tag, transliterate(text))
    _add(parent, "Ctry", address.country)
    for line in address.lines:
        _add(parent, "AdrLine", transliterate(line))


def _add_account(parent: etree._Element, account: Account) -> None:
    identification = _add(parent, "Id")
    if account.is_iban:
        _add(identification, "IBAN", account.compact)
    else:
        other = _add(identification, "Othr")
        _add(other, "Id", account.compact)
        _add(other, "SchmeNm/Cd", "BBAN")


def _add_agent(parent: etree._Element, bic: str | None) -> None:
    """An unknown BIC of the debtor's own bank is 'NOTPROVIDED' by SEPA convention; the element itself is mandatory."""
    if bic:
        _add(parent, "FinInstnId/BICFI", bic)
    else:
        _add(parent, "FinInstnId/Othr/Id", "NOTPROVIDED")


def _add(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """Adds the last element of `path` (made along the way where missing) to `parent`, with `text`."""
    *way, last = path.split("/")
    for name in way:
        found = parent.find(_tag(name))
        parent = etree.SubElement(parent, _tag(name)) if found is None else found
    element = etree.SubElement(parent, _tag(last))
    element.text = text
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
