"""Orders as the bank of a region wants them: valid by the schemas of two libraries, and read back by a reader that shares no code with the
writer."""

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from services.payments.domain.account_numbers import written_account
from services.payments.domain.payees import form_of
from services.payments.iso20022.model import Account, Address, Addresses, OrderForm, Party
from services.payments.iso20022.pain001 import MESSAGES, build_batch
from services.payments.iso20022.pain001_reader import read_batch
from services.payments.iso20022.profiles import DK_DOMESTIC, PL_DOMESTIC, PROFILES, SEPA_SCT
from services.payments.iso20022.rules import check_batch
from services.payments.iso20022.transliterate import PERMITTED, transliterate
from shared.kernel.money import Money
from shared.policy.bank_orders import BankOrders
from shared.policy.loader import LoadError, load_book
from tests.support.bank_files import CROATIAN_IBAN, PAYEES, assert_valid, batch, transfer

KORTRIJK = BankOrders(
    region="be-kortrijk", effective_from=date(2026, 12, 1), source="test", message="pain.001.001.03", batch_booking=False, bic="GKCCBEBB",
    initiating_id="0207437468", initiating_issuer="KBO-BCE", charge_bearer="SHAR", addresses="structured",
)  # fmt: skip


def values(data: bytes, name: str) -> list[str]:
    return [str(element.text) for element in etree.fromstring(data).iter(f"{{*}}{name}")]


@pytest.mark.parametrize(("message", "profile"), list(product(MESSAGES, PROFILES.values())), ids=str)
def test_order_of_each_version_is_valid_and_read_back(message: str, profile: Any) -> None:
    """By the schema as two libraries have it, and by our own reader; .03 is what mBank's published guide takes (N7)."""
    sent = replace(batch(profile), form=OrderForm(message=message, initiating_id="0207437468", initiating_issuer="KBO-BCE"))
    data = build_batch(sent)
    assert_valid(data, message)
    assert_valid(data, message, of="pain001")
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:' + message.encode())
    back = read_batch(data, max_bytes=100_000)
    assert (back.execution_on, back.total) == (sent.execution_on, sent.transfers[0].amount)
    assert [(one.disbursement_id, one.attempt_id) for one in back.transfers] == [
        (one.disbursement_id, one.attempt_id) for one in sent.transfers
    ]
    assert values(data, "BIC" if message == MESSAGES[0] else "BICFI") == ([PAYEES[profile].bic] if PAYEES[profile].bic else [])


def test_bank_without_its_bic_is_named_as_its_country_does() -> None:
    """NOTPROVIDED is a word of SEPA (N7): a Polish bank is named by the sort code within the IBAN, a Danish one by its country."""
    agent = {profile.name: etree.fromstring(build_batch(batch(profile))).find(".//{*}DbtrAgt") for profile in PROFILES.values()}
    found = {name: " ".join("".join(element.itertext()).split()) for name, element in agent.items()}
    assert found == {"SEPA_SCT": "NOTPROVIDED", "DK_DOMESTIC": "DK", "PL_DOMESTIC": "PLKNR 10901014"}


def test_order_is_as_the_bank_of_the_region_wants_it() -> None:
    hybrid = replace(PAYEES[SEPA_SCT], address=Address("HR", "Koprivnica", "Ulica", lines=("Lokal 3",)))
    wanted = replace(
        batch(SEPA_SCT, transfer(1, Money(100, "EUR"), hybrid)), form=form_of(KORTRIJK), batch_booking=False,
        debtor=Party("Fund", Account("BE60999000000070"), bic=KORTRIJK.bic),
    )  # fmt: skip
    data = build_batch(wanted)
    assert_valid(data, "pain.001.001.03")
    assert [values(data, name) for name in ("BtchBookg", "ChrgBr", "Issr", "StrtNm", "AdrLine")] == [
        ["false"], ["SHAR"], ["KBO-BCE"], ["Ulica"], []
    ]  # fmt: skip
    assert values(data, "BIC")[0] == "GKCCBEBB"
    assert values(build_batch(replace(wanted, form=OrderForm(addresses=Addresses.NONE))), "PstlAdr") == []
    assert form_of(None) == OrderForm()


FILE = """
region = "be-kortrijk"
effective_from = {day}
source = "the bank's guide"
batch_booking = {booking}
"""


def test_rules_of_a_bank_hold_from_a_day_on(tmp_path: Path) -> None:
    """For all orders from then on: they are the bank's, not the scheme's."""
    (tmp_path / "be-kortrijk").mkdir()
    for day, booking in (("2026-12-01", "false"), ("2027-02-01", "true")):
        (tmp_path / f"be-kortrijk/bank-{day}.toml").write_text(FILE.format(day=day, booking=booking))
    book = load_book(tmp_path)
    days = (date(2026, 11, 30), date(2026, 12, 1), date(2027, 1, 31), date(2027, 2, 1))
    found = [book.bank_orders("be-kortrijk", day) for day in days]
    assert [one and one.batch_booking for one in found] == [None, False, False, True]
    assert book.bank_orders("dk-kolding", days[-1]) is None
    (tmp_path / "be-kortrijk/bank-2027-03-01.toml").write_text(FILE.format(day="2027-04-01", booking="true"))
    with pytest.raises(LoadError, match="effective_from"):
        load_book(tmp_path)


SPELLED = [
    ("Rue n° 5", "Rue n. 5"), ("§ 3, 20 m²", ". 3, 20 m2"), ("№ 7 ½", "No 7 1/2"), ("ðóra Þórsdóttir", "dora Thorsdottir"),
    ("ﬁnal oﬀer ǆ", "final offer dz"), ("ĦAL ŧ ŋ ŀ", "HAL t n l"), ("10 ‰ ± 5 µm", "10 . . 5 mm"), ("Straße STRAẞE", "Strasse STRASSE"),
    ("¿qué? ¡sí! ª º", "?que? .si. a o"), ("a…b 5′ ×3 ©®™", "a...b 5' .3 ..TM"), ("Ａ１ ①", "A1 1"), ("ϑ ϕ ᾳ ΐ", "th f a i"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "spelled"), SPELLED)
def test_signs_and_letters_have_a_spelling(text: str, spelled: str) -> None:
    """N6; source: EPC217-08, SEPA requirements for an extended character set."""
    assert transliterate(text) == spelled


def test_every_latin_and_greek_letter_and_sign_is_permitted() -> None:
    """The kinds of EPC217-08: Latin with its extensions A and Latin-1 signs, Greek with its accents."""
    blocks = [*range(0x20, 0x7F), *range(0xA0, 0x180), *(code for code in range(0x386, 0x3CF) if chr(code).isalpha()), 0x20AC, 0x2116]
    refused = [chr(code) for code in blocks if not PERMITTED.issuperset(transliterate(chr(code)))]
    assert refused == []


ABROAD = [
    ("TR330006100519786457841326", "account-outside-sepa"), ("SA0380000000608010167519", "account-outside-sepa"),
    ("XK051212012345678906", "account-outside-sepa"), ("UA213223130000026007233566001", "account-outside-sepa"),
    ("CH9300762011623852957", ""), ("GB29NWBK60161331926819", ""), ("MD24AG000225100013104168", ""), ("RS35260005601001611379", ""),
    ("SM86U0322509800000000270100", ""), (CROATIAN_IBAN, ""),
]  # fmt: skip


@pytest.mark.parametrize(("number", "code"), ABROAD)
def test_euro_goes_to_countries_of_sepa_only(number: str, code: str) -> None:
    """N6; source: EPC409-09, kept in iso20022/sepa.toml."""
    problems = check_batch(batch(SEPA_SCT, transfer(1, Money(100, "EUR"), Party("A", Account(number)))))
    assert [problem.code for problem in problems] == ([code] if code else [])


def test_country_joins_sepa_on_a_day() -> None:
    order = batch(SEPA_SCT, transfer(1, Money(100, "EUR"), Party("A", Account("RS35260005601001611379"))), execution_on=date(2025, 5, 21))
    assert [problem.code for problem in check_batch(order)] == ["account-outside-sepa"]


def test_address_is_in_a_country_that_there_is() -> None:
    there = [replace(PAYEES[SEPA_SCT], address=Address(country, "Town")) for country in ("XX", "ZZ", "EU", "be", "BE", "XK")]
    codes = [[one.code for one in check_batch(batch(SEPA_SCT, transfer(1, Money(100, "EUR"), payee)))] for payee in there]
    assert codes == [["country-missing"]] * 4 + [[]] * 2


POLISH = "61109010140000071219812874"
NUMBERS = [
    ("0040-0440116243", DK_DOMESTIC, "00400440116243"), ("0040 440116243", DK_DOMESTIC, "00400440116243"),
    ("0040 0440 116 243", DK_DOMESTIC, "00400440116243"), ("40-440116243", DK_DOMESTIC, "00400440116243"),
    ("0040440116243", DK_DOMESTIC, "00400440116243"), ("0440116243", DK_DOMESTIC, "0440116243"), ("40-", DK_DOMESTIC, "40-"),
    ("DK50 0040 0440 1162 43", DK_DOMESTIC, "DK50 0040 0440 1162 43"), (POLISH, PL_DOMESTIC, f"PL{POLISH}"),
    ("61 1090 1014 0000 0712 1981 2874", PL_DOMESTIC, f"PL{POLISH}"), (POLISH[:24], PL_DOMESTIC, POLISH[:24]),
    (POLISH, SEPA_SCT, POLISH),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "profile", "written"), NUMBERS)
def test_domestic_number_is_filled_up_as_people_write_it(typed: str, profile: Any, written: str) -> None:
    """Row 43 and N6: nothing is guessed where the registration number may be missing."""
    assert written_account(typed, profile.name) == written
