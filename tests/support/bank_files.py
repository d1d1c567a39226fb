"""Batches for the tests of bank files, and the official schemas that three development packages contain."""

from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import distribution
from uuid import UUID

from lxml import etree

from services.payments.iso20022.model import Account, Address, BatchFile, CreditTransfer, Party
from services.payments.iso20022.profiles import DK_DOMESTIC, PL_DOMESTIC, SEPA_SCT, BankProfile
from shared.kernel.ids import derive_id
from shared.kernel.money import Money

BATCH_ID = UUID("0193a1b2-0000-7000-8000-000000000001")
GREEK_IBAN, CROATIAN_IBAN = "GR16 0110 1250 0000 0001 2300 695", "HR1210010051863000160"
DANISH_IBAN, DANISH_BBAN, POLISH_IBAN = "DK5000400440116243", "00400440116243", "PL61109010140000071219812874"

_SCHEMAS = {
    "pain.001.001.03": ("sepaxml", "sepaxml/schemas/pain.001.001.03.xsd"),
    "pain.001.001.09": ("sepaxml", "sepaxml/schemas/pain.001.001.09.xsd"),
    "pain.002.001.03": ("pain001", "pain001/pain002/schemas/pain.002.001.03.xsd"),
    "pain.002.001.12": ("pain001", "pain001/pain002/schemas/pain.002.001.12.xsd"),
    "camt.053.001.02": ("camt053", "camt053/xsd/camt.053.001.02.xsd"),
    "camt.053.001.08": ("camt053", "camt053/xsd/camt.053.001.08.xsd"),
    "camt.054.001.02": ("camt053", "camt053/xsd/camt.054.001.02.xsd"),
    "camt.054.001.08": ("camt053", "camt053/xsd/camt.054.001.08.xsd"),
}


@cache
def _schema(message: str, of: str | None) -> etree.XMLSchema:
    package, path = _SCHEMAS[message] if of is None else (of, f"{of}/templates/{message}/{message}.xsd")
    return etree.XMLSchema(etree.parse(str(distribution(package).locate_file(path))))


def assert_valid(data: bytes, message: str, of: str | None = None) -> None:
    """By the official XSD; `of`: an order by that of another package. No package has pain.002.001.10; its elements that we use are those of
    .12."""
    if message == "pain.002.001.10":
        data, message = data.replace(b"pain.002.001.10", b"pain.002.001.12"), "pain.002.001.12"
    _schema(message, of).assertValid(etree.fromstring(data))


def batch(profile: BankProfile, *transfers: CreditTransfer, batch_id: UUID = BATCH_ID, execution_on: date = date(2026, 3, 2)) -> BatchFile:
    accounts = {SEPA_SCT: GREEK_IBAN, DK_DOMESTIC: DANISH_BBAN, PL_DOMESTIC: POLISH_IBAN}
    return BatchFile(
        batch_id=batch_id,
        profile=profile,
        sealed_at=datetime(2026, 2, 27, 9, 30, 15, 123456, tzinfo=UTC),
        execution_on=execution_on,
        debtor=Party("Δημιουργική Περιφέρεια", Account(accounts[profile])),
        transfers=transfers or (transfer(1, Money(500_000, profile.currency), PAYEES[profile]),),
    )


def transfer(number: int, amount: Money, payee: Party, *, attempt: int = 1, remittance: str = "Voucher TST-0000-0001") -> CreditTransfer:
    disbursement_id = derive_id(BATCH_ID, number)
    return CreditTransfer(disbursement_id, derive_id(disbursement_id, attempt), amount, payee, remittance, attempt)


PAYEES = {
    SEPA_SCT: Party("Obrt Žuti Čamac", Account(CROATIAN_IBAN), "ZABAHR2X", Address("HR", "Koprivnica", "Izmišljena ulica", "7")),
    DK_DOMESTIC: Party("Grøn Æske ApS", Account(DANISH_BBAN)),
    PL_DOMESTIC: Party("Pracownia Żółw", Account(POLISH_IBAN), address=Address("PL", "Kraków", lines=("Lokal 3",))),
}
