"""The simulated bank as each kind of real bank (`simulation/bank/kinds.toml` says where each was seen): what it writes is valid, and both
readers, that of payments and the one of verify, find the money of its book."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from operations.verify.bank_files import BankSide, read_bank
from operations.verify.bank_statements import attempts_by_day
from services.payments.domain.bank_lines import lines_of_statement
from services.payments.domain.status import PaymentEvent
from services.payments.iso20022.camt053 import Statement, read_statement
from services.payments.iso20022.model import Account, own_id
from services.payments.iso20022.pain001 import build_batch
from services.payments.iso20022.pain002 import read_status_report
from services.payments.iso20022.profiles import SEPA_SCT
from shared.kernel.ids import derive_id
from shared.kernel.money import Money
from simulation.bank.bank import Bank
from simulation.bank.behaviour import Shares
from simulation.bank.kinds import KINDS, OF_DEMONSTRATION, Kinds
from simulation.bank.paid_in import PaidIn, pay_in
from tests.support.bank_files import BATCH_ID, GREEK_IBAN, PAYEES, assert_valid, batch, transfer

MONDAY, LIMIT = datetime(2026, 3, 2, 9, tzinfo=UTC), 1_000_000
OURS = "".join(GREEK_IBAN.split())
OFTEN = Shares(rejected=20, returned=30, late=10, unanswered_booked=10, unanswered_rejected=10)
COUNT, PAID_IN = 12, PaidIn("p", OURS, 700_00, "EUR", "RF18539007547034")
VALIDATED = ("camt.053.001.02", "camt.053.001.08", "camt.054.001.08", "pain.002.001.03", "pain.002.001.10")


def play(folder: Path, kind: str) -> Path:
    """A batch of transfers, of which many fail, and something that is paid in; then three weeks."""
    outgoing, incoming = folder / "outgoing", folder / "incoming"
    bank = Bank(outgoing, incoming, folder / "book.sqlite", "seed", OFTEN, kinds=Kinds({OURS: kind}), paid_in=folder / "paid-in")
    bank.book.execute("PRAGMA synchronous = OFF")
    transfers = [transfer(number, Money(10_000 + number, "EUR"), PAYEES[SEPA_SCT]) for number in range(COUNT)]
    for number, few in enumerate((transfers[:8], transfers[8:]), 1):
        sent = batch(SEPA_SCT, *few, batch_id=derive_id(BATCH_ID, number), execution_on=date(2026, 3, 3))
        (outgoing / f"{number}.xml").write_bytes(build_batch(sent))
    pay_in(folder / "paid-in", PAID_IN)
    for half_days in range(44):
        bank.work(MONDAY + timedelta(hours=12 * half_days))
    bank.close()
    return folder


def statements(folder: Path) -> list[Statement]:
    return [read_statement(path.read_bytes(), max_bytes=LIMIT) for path in sorted((folder / "incoming").glob("*camt*.xml"))]


def side_of(folder: Path) -> BankSide:
    return read_bank(folder / "outgoing", folder / "incoming", folder / "book.sqlite")


@pytest.fixture(scope="module", params=sorted(KINDS))
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return request.param, play(tmp_path_factory.mktemp("bank"), request.param)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    return _features(play(tmp_path_factory.mktemp("plain"), "listed"))


def test_files_are_valid_and_add_up(played: tuple[str, Path]) -> None:
    _, folder = played
    for path in (folder / "incoming").glob("*.xml"):
        data = path.read_bytes()
        message = re.findall(rb"xsd:([\w.]+)", data)[0].decode()
        if message in VALIDATED:
            assert_valid(data, message)
        if "pain" in message:
            read_status_report(data, max_bytes=LIMIT)
    ours = [one for read in statements(folder) for one in read.accounts if Account(OURS).is_same(Account(one.account))]
    assert ours
    assert all(one.adds_up in (True, None) for one in ours)


def test_verify_counts_what_the_book_has(played: tuple[str, Path]) -> None:
    _, folder = played
    side = side_of(folder)
    assert (side.unreadable, side.lumps) == ([], [])
    counted: Counter[str] = Counter()
    ordered = {one.disbursement_id: [one.attempt_id] for file in side.payment_files for one in file.transfers}
    for line in attempts_by_day(side.statements, ordered):
        counted[line.attempt_id] += -line.amount_minor if line.returned else line.amount_minor
    left = {str(own_id(one.instr_id)): one.amount_minor for one in side.book or () if one.state in ("booked", "returned")}
    back = {str(own_id(one.instr_id)): one.returned_minor for one in side.book or () if one.state == "returned"}
    assert {attempt: minor for attempt, minor in counted.items() if minor} == {
        attempt: rest for attempt, minor in left.items() if (rest := minor - (back.get(attempt) or 0))
    }
    assert [(one.amount_minor, PAID_IN.text in one.text) for one in side.credits] == [(PAID_IN.amount_minor, True)]
    assert 0 < len(back) < len(left)
    rejected = {str(own_id(one.instr_id)) for one in side.book or () if one.state == "rejected"}
    assert side.rejected == rejected


def test_payments_find_every_booking(played: tuple[str, Path]) -> None:
    """As many movements as the book has, by the reader of payments; reports of the day and notifications besides."""
    kind, folder = played
    lines = [line for read in statements(folder) if read.message.startswith("camt.053") for line in lines_of_statement(read)]
    moved = Counter(line.event for line in lines if Account(OURS).is_same(Account(line.account or "")))
    side, settings = side_of(folder), KINDS[kind]
    states = Counter(one.state for one in side.book or ())
    doubles = sum(one.again for one in lines)
    if settings.booking == "lump":
        assert moved[PaymentEvent.BOOKED] == len(side.payment_files)
    else:
        charges = len([one for one in side.others if one.amount_minor == -settings.charge_minor])
        assert moved[PaymentEvent.BOOKED] == states["booked"] + states["returned"] + doubles + charges
    marked = settings.returns == "marked"
    assert moved[PaymentEvent.RETURNED] == (states["returned"] if marked else 0) + doubles
    assert moved[None] == 1 + (0 if marked else states["returned"])
    assert bool(doubles) == bool(settings.doubled_percent)


def test_each_kind_writes_in_another_way(played: tuple[str, Path], plain: list[int]) -> None:
    kind, folder = played
    assert (_features(folder) == plain) is (kind == "listed")
    assert set(OF_DEMONSTRATION.values()) <= set(KINDS)


def _features(folder: Path) -> list[int]:
    """How often each piece stands in the files."""
    data = b"".join(path.read_bytes() for path in sorted((folder / "incoming").glob("*.xml")))
    tags = "<Ntry>", "<TxDtls>", "<RtrInf>", "<RvslInd>", "<Chrgs>", "<StmtPgntn>", "<IBAN>GR", "<PmtInfSts>", "<GrpSts>RJCT", "USD"
    patterns = "<InstrId>NOTPROVIDED", "<InstrId>B", "EndToEndId>[0-9A-F]{32}-1<", r"camt\.05[24]", r"\.02\b", r">95\.\d\d<"
    return [len(re.findall(one.encode(), data)) for one in (*tags, *patterns)]
