"""The payment file, our order to the bank: pain.001.001.09, or .03 where the bank wants that. The same batch always gives the same bytes.

Of what is written here, the two versions differ in the name of a BIC and in where the day of execution stands.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from lxml import etree

from services.payments.iso20022.model import (
    Account,
    Address,
    Addresses,
    BatchFile,
    CreditTransfer,
    OrderForm,
    Party,
    payment_information_id,
    payment_reference,
    reference,
)
from services.payments.iso20022.rules import check_batch
from services.payments.iso20022.transliterate import transliterate
from shared.kernel.errors import Refused
from shared.kernel.money import total

_FAMILY = "urn:iso:std:iso:20022:tech:xsd:"
NAMESPACE = f"{_FAMILY}pain.001.001.09"
OLDER = "pain.001.001.03"
MESSAGES = (OLDER, "pain.001.001.09")
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
"""In double quotes: a bank has refused the single ones that lxml writes."""


def build_batch(batch: BatchFile) -> bytes:
    """The file's bytes. `Refused` 'batch-not-payable': `field` is the first one at fault, and `problems` pairs each field with a code."""
    if problems := check_batch(batch):
        found = [(problem.field, problem.code) for problem in problems]
        raise Refused("batch-not-payable", "The bank would refuse the payment file: {problems}.", field=problems[0].field, problems=found)
    namespace = _FAMILY + batch.form.message
    default: dict[Any, str] = {None: namespace}
    document = etree.Element(f"{{{namespace}}}Document", nsmap=default)
    order = _add(document, "CstmrCdtTrfInitn")
    _add_header(_add(order, "GrpHdr"), batch)
    _add_payment_information(_add(order, "PmtInf"), batch)
    data: bytes = etree.tostring(document, xml_declaration=False, encoding="UTF-8", pretty_print=True)
    return _DECLARATION + data


def _add_header(header: etree._Element, batch: BatchFile) -> None:
    _add(header, "MsgId", reference(batch.batch_id))
    _add(header, "CreDtTm", f"{batch.sealed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    _add_totals(header, batch)
    party = _add(header, "InitgPty")
    _add(party, "Nm", transliterate(batch.debtor.name))
    if batch.form.initiating_id:
        other = _add(party, "Id/OrgId/Othr")
        _add(other, "Id", batch.form.initiating_id)
        if batch.form.initiating_issuer:
            _add(other, "Issr", batch.form.initiating_issuer)


def _add_totals(parent: etree._Element, batch: BatchFile) -> None:
    _add(parent, "NbOfTxs", str(len(batch.transfers)))
    _add(parent, "CtrlSum", total((transfer.amount for transfer in batch.transfers), batch.profile.currency).decimal())


def _add_payment_information(group: etree._Element, batch: BatchFile) -> None:
    _add(group, "PmtInfId", payment_information_id(batch.batch_id))
    _add(group, "PmtMtd", "TRF")
    _add(group, "BtchBookg", "true" if batch.batch_booking else "false")
    _add_totals(group, batch)
    _add(group, "PmtTpInf/SvcLvl/Cd", batch.profile.service_level)
    _add(group, "ReqdExctnDt" if batch.form.message == OLDER else "ReqdExctnDt/Dt", batch.execution_on.isoformat())
    _add_party(_add(group, "Dbtr"), batch.debtor)
    _add_account(_add(group, "DbtrAcct"), batch.debtor.account)
    _add(group, "DbtrAcct/Ccy", batch.profile.currency)
    _add_own_bank(_add(group, "DbtrAgt"), batch)
    _add(group, "ChrgBr", batch.form.charge_bearer or batch.profile.charge_bearer)
    for transfer in batch.transfers:
        _add_transfer(_add(group, "CdtTrfTxInf"), transfer, batch.form)


def _add_transfer(parent: etree._Element, transfer: CreditTransfer, form: OrderForm) -> None:
    payment_id = _add(parent, "PmtId")
    _add(payment_id, "InstrId", reference(transfer.attempt_id))
    _add(payment_id, "EndToEndId", payment_reference(transfer.disbursement_id, transfer.number))
    _add(parent, "Amt/InstdAmt", transfer.amount.decimal()).set("Ccy", transfer.amount.currency)
    if transfer.payee.bic:
        _add_bic(_add(parent, "CdtrAgt"), transfer.payee.bic, form)
    _add_party(_add(parent, "Cdtr"), transfer.payee, form.addresses)
    _add_account(_add(parent, "CdtrAcct"), transfer.payee.account)
    _add(parent, "RmtInf/Ustrd", transliterate(transfer.remittance))


def _add_party(parent: etree._Element, party: Party, addresses: Addresses = Addresses.HYBRID) -> None:
    _add(parent, "Nm", transliterate(party.name))
    if party.address and addresses is not Addresses.NONE:
        _add_address(_add(parent, "PstlAdr"), party.address, party.address.lines if addresses is Addresses.HYBRID else ())


def _add_address(parent: etree._Element, address: Address, lines: Sequence[str]) -> None:
    parts = {"StrtNm": address.street, "BldgNb": address.building, "PstCd": address.post_code, "TwnNm": address.town}
    for tag, text in parts.items():
        if text:
            _add(parent, tag, transliterate(text))
    _add(parent, "Ctry", address.country)
    for line in lines:
        _add(parent, "AdrLine", transliterate(line))


def _add_account(parent: etree._Element, account: Account) -> None:
    identification = _add(parent, "Id")
    if account.is_iban:
        _add(identification, "IBAN", account.compact)
    else:
        other = _add(identification, "Othr")
        _add(other, "Id", account.compact)
        _add(other, "SchmeNm/Cd", "BBAN")


def _add_own_bank(parent: etree._Element, batch: BatchFile) -> None:
    """The element is mandatory. Without its BIC the debtor's bank is 'NOTPROVIDED' by SEPA convention; elsewhere it is named by the sort
    code within a Polish IBAN (PLKNR of the ISO list of clearing systems), or by its country."""
    if batch.debtor.bic:
        _add_bic(parent, batch.debtor.bic, batch.form)
    elif batch.profile.service_level == "SEPA":
        _add(parent, "FinInstnId/Othr/Id", "NOTPROVIDED")
    elif batch.profile.country == "PL":
        member = _add(parent, "FinInstnId/ClrSysMmbId")
        _add(member, "ClrSysId/Cd", "PLKNR")
        _add(member, "MmbId", batch.debtor.account.compact[4:12])
    else:
        _add(parent, "FinInstnId/PstlAdr/Ctry", batch.profile.country)


def _add_bic(parent: etree._Element, bic: str, form: OrderForm) -> None:
    _add(parent, "FinInstnId/BIC" if form.message == OLDER else "FinInstnId/BICFI", bic)


def _add(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """Adds the last element of `path` (made along the way where missing) to `parent`, with `text`."""
    *way, last = path.split("/")
    namespace = etree.QName(parent).namespace
    for name in way:
        found = parent.find(f"{{{namespace}}}{name}")
        parent = etree.SubElement(parent, f"{{{namespace}}}{name}") if found is None else found
    element = etree.SubElement(parent, f"{{{namespace}}}{last}")
    element.text = text
    return element
