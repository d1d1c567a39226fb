from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from services.payments.iso20022.model import BatchFile
from services.payments.iso20022.pain001 import NAMESPACE, build_batch
from services.payments.iso20022.profiles import DK_DOMESTIC, PL_DOMESTIC, PROFILES, SEPA_SCT, BankProfile
from shared.kernel.errors import Refused
from shared.kernel.money import Money, total
from tests.support.bank_files import BATCH_ID, PAYEES, assert_valid, batch, transfer


def texts(data: bytes, path: str) -> list[str]:
    return [
        element.text for element in etree.fromstring(data).iterfind(".//" + "/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/")))
    ]


@st.composite
def batches(draw: st.DrawFn) -> BatchFile:
    profile = draw(st.sampled_from(list(PROFILES.values())))
    amounts = draw(st.lists(st.integers(1, 999_999_999_99), min_size=1, max_size=30))
    return batch(profile, *(transfer(i, Money(minor, profile.currency), PAYEES[profile]) for i, minor in enumerate(amounts)))


@given(batches())
@settings(max_examples=40)
def test_file_is_valid_and_conserves_every_minor_unit(sent: BatchFile) -> None:
    data = build_batch(sent)
    currency = sent.profile.currency
    assert [Money.parse(text, currency) for text in texts(data, "InstdAmt")] == [each.amount for each in sent.transfers]
    assert texts(data, "CtrlSum") == [total((each.amount for each in sent.transfers), currency).decimal()] * 2
    assert texts(data, "NbOfTxs") == [str(len(sent.transfers))] * 2
    assert_valid(data, "pain.001.001.09")


@given(batches())
@settings(max_examples=20)
def test_same_batch_gives_the_same_bytes(sent: BatchFile) -> None:
    elsewhere = replace(sent, sealed_at=sent.sealed_at.astimezone(timezone(timedelta(hours=2))))
    assert build_batch(sent) == build_batch(elsewhere)


@pytest.mark.parametrize(
    ("profile", "level", "bearer", "currency"),
    [(SEPA_SCT, "SEPA", "SLEV", "EUR"), (DK_DOMESTIC, "NURG", "SHAR", "DKK"), (PL_DOMESTIC, "NURG", "SHAR", "PLN")],
)
def test_each_profile_follows_its_conventions(profile: BankProfile, level: str, bearer: str, currency: str) -> None:
    data = build_batch(batch(profile))
    assert texts(data, "SvcLvl/Cd") == [level]
    assert texts(data, "ChrgBr") == [bearer]
    assert etree.fromstring(data).find(f".//{{{NAMESPACE}}}InstdAmt").get("Ccy") == currency
    assert_valid(data, "pain.001.001.09")


def test_references_and_dates_come_from_the_batch() -> None:
    sent = batch(SEPA_SCT)
    data, first = build_batch(sent), sent.transfers[0]
    assert texts(data, "MsgId") == [BATCH_ID.hex]
    assert texts(data, "PmtInfId") == [f"{BATCH_ID.hex}-1"]
    assert texts(data, "EndToEndId") == [f"{first.disbursement_id.hex}-1"]
    assert texts(data, "InstrId") == [first.attempt_id.hex]
    assert texts(data, "CreDtTm") == ["2026-02-27T09:30:15Z"]
    assert texts(data, "ReqdExctnDt/Dt") == ["2026-03-02"]
    assert texts(data, "BtchBookg") == ["true"]
    assert texts(build_batch(replace(sent, batch_booking=False)), "BtchBookg") == ["false"]


def test_names_are_transliterated_and_accounts_compact() -> None:
    data = build_batch(batch(SEPA_SCT))
    assert texts(data, "Nm") == ["Dimiourgiki Perifereia", "Dimiourgiki Perifereia", "Obrt Zuti Camac"]
    assert texts(data, "IBAN") == ["GR1601101250000000012300695", "HR1210010051863000160"]
    assert texts(data, "DbtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]
    assert texts(data, "CdtrAgt/FinInstnId/BICFI") == ["ZABAHR2X"]


def test_danish_account_number_is_written_as_bban() -> None:
    data = build_batch(batch(DK_DOMESTIC))
    assert texts(data, "CdtrAcct/Id/Othr/Id") == ["00400440116243"]
    assert texts(data, "CdtrAcct/Id/Othr/SchmeNm/Cd") == ["BBAN"]


def test_addresses_are_structured_or_hybrid() -> None:
    structured = build_batch(batch(SEPA_SCT))
    assert (texts(structured, "PstlAdr/StrtNm"), texts(structured, "PstlAdr/TwnNm")) == (["Izmisljena ulica"], ["Koprivnica"])
    hybrid = build_batch(batch(PL_DOMESTIC))
    assert (texts(hybrid, "PstlAdr/TwnNm"), texts(hybrid, "PstlAdr/AdrLine")) == (["Krakow"], ["Lokal 3"])
    assert texts(build_batch(batch(DK_DOMESTIC)), "Cdtr/PstlAdr/Ctry") == []


def test_batch_that_the_bank_would_refuse_is_not_built() -> None:
    sent = batch(SEPA_SCT, transfer(1, Money(0, "EUR"), PAYEES[SEPA_SCT]))
    with pytest.raises(Refused) as refusal:
        build_batch(sent)
    assert (refusal.value.code, refusal.value.field) == ("batch-not-payable", "transfers.0.amount")
