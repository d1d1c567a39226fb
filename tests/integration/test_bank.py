"""The simulated bank on real folders and a real book: each behaviour, duplicates, and kills at any moment."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.payments.iso20022.camt053 import AccountStatement, Direction, Transaction, read_statement
from services.payments.iso20022.model import BatchFile, payment_information_id, payment_reference
from services.payments.iso20022.pain001 import build_batch
from services.payments.iso20022.pain002 import StatusReport, read_status_report
from services.payments.iso20022.profiles import PROFILES, SEPA_SCT, BankProfile
from shared.identity.signatures import doubt_about, read_signature, sign, signature_path
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import derive_id
from shared.kernel.money import Money, total
from simulation.bank.bank import Bank
from simulation.bank.behaviour import Shares
from simulation.bank.book import Booked, read_book
from tests.support.bank_files import BATCH_ID, PAYEES, assert_valid, batch, transfer
from tests.support.bank_keys import BANK_KEY, BANK_KEYS, OUR_KEY, OUR_KEYS

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
MANY = Shares(rejected=15, returned=15, late=15, unanswered_booked=15, unanswered_rejected=15)
LIMIT = 10_000_000


class BankClient:
    """The bank's two folders and its book, with the readers of payments. `pass_time` works in steps of half a day."""

    def __init__(self, folder: Path, shares: Shares) -> None:
        self.outgoing, self.incoming, self.book = folder / "outgoing", folder / "incoming", folder / "book.sqlite"
        self.shares, self.now = shares, MONDAY
        self.reopen()

    def reopen(self) -> None:
        self.bank = Bank(self.outgoing, self.incoming, self.book, "seed", self.shares)

    def deliver(self, name: str, data: bytes) -> None:
        (self.outgoing / name).write_bytes(data)
        self.bank.work(self.now)

    def pass_time(self, days: int) -> None:
        for _ in range(2 * days):
            self.now += timedelta(hours=12)
            self.bank.work(self.now)

    def answers(self) -> list[StatusReport]:
        return [read_status_report(path.read_bytes(), max_bytes=LIMIT) for path in sorted(self.incoming.glob("*pain002*.xml"))]

    def statements(self) -> list[AccountStatement]:
        files = (read_statement(path.read_bytes(), max_bytes=LIMIT) for path in sorted(self.incoming.glob("*camt053*.xml")))
        return [account for file in files for account in file.accounts]

    def transactions(self) -> list[Transaction]:
        return [transaction for statement in self.statements() for transaction in statement.transactions]

    def states(self) -> list[str]:
        return [booked.state for booked in read_book(self.book)]


@pytest.fixture
def client(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[BankClient]:
    client = BankClient(tmp_path, getattr(request, "param", Shares(0, 0, 0, 0, 0)))
    yield client
    client.bank.close()


def order(count: int = 3, profile: BankProfile = SEPA_SCT, *, number: int = 1, attempt: int = 1, first: int = 0) -> BatchFile:
    currency, payee = profile.currency, PAYEES[profile]
    transfers = [transfer(i, Money(10_000 + i, currency), payee, attempt=attempt) for i in range(first, first + count)]
    return batch(profile, *transfers, batch_id=derive_id(BATCH_ID, number), execution_on=date(2026, 3, 3))


def only(kind: str) -> Shares:
    return Shares(**{"rejected": 0, "returned": 0, "late": 0, "unanswered_booked": 0, "unanswered_rejected": 0, kind: 100})


@pytest.mark.parametrize("profile", list(PROFILES.values()), ids=list(PROFILES))
def test_accepted_batch_is_answered_and_booked_as_one_debit(client: BankClient, profile: BankProfile) -> None:
    sent = order(profile=profile)
    client.deliver("a.xml", build_batch(sent))
    assert list(client.incoming.iterdir()) == []
    client.pass_time(1)
    (answer,) = client.answers()
    assert answer.original_message_id == sent.batch_id.hex
    assert {(each.instr_id, each.verdict.status) for each in answer.transactions} == {
        (each.attempt_id.hex, "ACSP") for each in sent.transfers
    }
    assert client.statements() == []
    client.pass_time(1)
    (statement,) = client.statements()
    assert statement.adds_up
    assert statement.account == sent.debtor.account.compact
    assert {(each.end_to_end_id, each.amount) for each in statement.transactions} == {
        (payment_reference(each.disbursement_id, each.number), each.amount) for each in sent.transfers
    }
    assert {(each.pmt_inf_id, each.booked_on) for each in statement.transactions} == {
        (payment_information_id(sent.batch_id), date(2026, 3, 3))
    }
    for path in client.incoming.iterdir():
        assert_valid(path.read_bytes(), "pain.002.001.10" if "pain002" in path.name else "camt.053.001.08")
    (camt,) = client.incoming.glob("*camt053*")
    assert camt.read_bytes().count(b"<Ntry>") == 1


def test_order_without_our_signature_is_ignored(tmp_path: Path) -> None:
    """An altered or unsigned file is no order; the bank's own files are signed."""
    client = BankClient(tmp_path, Shares(0, 0, 0, 0, 0))
    client.bank.key, client.bank.customer_keys = BANK_KEY, OUR_KEYS
    data = build_batch(order(1))
    path = client.outgoing / "a.xml"
    client.deliver("a.xml", data)
    signature_path(path).write_text(sign(hashlib.sha256(data + b" ").hexdigest(), OUR_KEY))
    client.pass_time(3)
    assert client.states() == []
    signature_path(path).write_text(sign(hashlib.sha256(data).hexdigest(), OUR_KEY))
    client.pass_time(3)
    assert client.states() == ["booked"]
    for file in client.incoming.glob("*.xml"):
        assert doubt_about(read_signature(file), hashlib.sha256(file.read_bytes()).hexdigest(), BANK_KEYS) is None
    assert len(list(client.incoming.glob("*.sig"))) == 2
    client.bank.close()


def test_postings_of_a_day_are_on_one_statement(client: BankClient) -> None:
    client.now += timedelta(days=1)
    client.deliver("a.xml", build_batch(order(2)))
    client.now += timedelta(hours=6)
    client.deliver("b.xml", build_batch(order(2, number=2, first=2)))
    client.pass_time(3)
    (statement,) = client.statements()
    assert len(statement.transactions) == 4


def test_without_batch_booking_each_transfer_is_an_entry(client: BankClient) -> None:
    sent = order()
    client.deliver("a.xml", build_batch(sent).replace(b"<BtchBookg>true", b"<BtchBookg>false"))
    client.pass_time(2)
    (camt,) = client.incoming.glob("*camt053*")
    assert camt.read_bytes().count(b"<Ntry>") == 3
    assert {each.pmt_inf_id for each in client.transactions()} == {payment_information_id(sent.batch_id)}


@pytest.mark.parametrize("client", [only("rejected")], indirect=True)
def test_rejected_transfer_has_a_reason_and_is_never_booked(client: BankClient) -> None:
    client.deliver("a.xml", build_batch(order()))
    client.pass_time(20)
    (answer,) = client.answers()
    assert all(each.verdict.is_rejected and set(each.verdict.reasons) <= {"AC01", "AC04"} for each in answer.transactions)
    assert client.states() == ["rejected"] * 3
    assert [(one.last_day, one.transactions, one.adds_up) for one in client.statements()] == [(date(2026, 3, 3), (), True)]
    [statement] = client.incoming.glob("*camt053*")
    assert_valid(statement.read_bytes(), "camt.053.001.08")


@pytest.mark.parametrize("client", [only("returned")], indirect=True)
def test_returned_transfer_is_booked_and_credited_days_later(client: BankClient) -> None:
    client.deliver("a.xml", build_batch(order(1)))
    client.pass_time(12)
    debit, credit = client.transactions()
    assert (debit.direction, credit.direction, credit.is_return) == (Direction.DEBIT, Direction.CREDIT, True)
    assert credit.return_reason in {"AC04", "AC06", "MS03"}
    assert (debit.end_to_end_id, debit.instr_id, debit.amount) == (credit.end_to_end_id, credit.instr_id, credit.amount)
    assert debit.booked_on is not None
    assert credit.booked_on is not None
    assert credit.booked_on >= debit.booked_on + timedelta(days=2)
    first, second = client.statements()
    assert (first.closing, second.closing) == (second.opening, first.opening)
    assert client.states() == ["returned"]
    for path in client.incoming.glob("*camt053*"):
        assert_valid(path.read_bytes(), "camt.053.001.08")


@pytest.mark.parametrize("client", [only("late")], indirect=True)
def test_late_answer_precedes_its_booking(client: BankClient) -> None:
    client.deliver("a.xml", build_batch(order()))
    client.pass_time(4)
    assert list(client.incoming.iterdir()) == []
    client.pass_time(1)
    assert (len(client.answers()), client.statements()) == (1, [])
    client.pass_time(3)
    assert {each.booked_on for each in client.transactions()} == {date(2026, 3, 9)}


@pytest.mark.parametrize("client", [only("unanswered_booked")], indirect=True)
def test_unanswered_transfer_is_on_a_statement_a_week_later(client: BankClient) -> None:
    client.deliver("a.xml", build_batch(order()))
    client.pass_time(8)
    assert list(client.incoming.iterdir()) == []
    client.pass_time(2)
    assert client.answers() == []
    assert {each.booked_on for each in client.transactions()} == {date(2026, 3, 10)}


@pytest.mark.parametrize("client", [only("unanswered_rejected")], indirect=True)
def test_unanswered_transfer_may_be_rejected_after_an_enquiry(client: BankClient) -> None:
    client.deliver("a.xml", build_batch(order()))
    client.pass_time(11)
    assert list(client.incoming.iterdir()) == []
    client.pass_time(2)
    (answer,) = client.answers()
    assert all(each.verdict.is_rejected for each in answer.transactions)
    assert client.states() == ["rejected"] * 3
    assert client.transactions() == []


def test_repeated_file_is_a_duplicate_and_booked_once(client: BankClient) -> None:
    data = build_batch(order())
    client.deliver("a.xml", data)
    client.deliver("b.xml", data)
    client.deliver("b.xml", data)
    client.pass_time(5)
    assert len(client.transactions()) == 3
    first, second = sorted(client.answers(), key=lambda answer: answer.verdict.is_duplicate)
    assert (len(first.transactions), first.verdict.is_duplicate) == (3, False)
    assert (second.transactions, second.verdict.is_duplicate, second.verdict.is_rejected) == ((), True, False)


def test_attempt_in_a_second_file_is_a_duplicate(client: BankClient) -> None:
    client.deliver("a.xml", build_batch(order(3)))
    client.deliver("b.xml", build_batch(order(3, number=2, first=2)))
    client.pass_time(5)
    assert Counter(each.end_to_end_id for each in client.transactions()).most_common(1)[0][1] == 1
    assert len(client.transactions()) == 5
    verdicts = Counter((each.verdict.is_accepted, each.verdict.is_duplicate) for answer in client.answers() for each in answer.transactions)
    assert verdicts == {(True, False): 5, (False, True): 1}


def test_second_attempt_at_a_payment_is_paid_again(client: BankClient) -> None:
    """As by a real bank: the sender decides whether a second attempt may be sent, and the book shows it."""
    client.deliver("a.xml", build_batch(order(1)))
    client.deliver("b.xml", build_batch(order(1, number=2, attempt=2)))
    client.pass_time(3)
    assert [booked.state for booked in read_book(client.book)] == ["booked", "booked"]
    assert len({booked.end_to_end_id[:32] for booked in read_book(client.book)}) == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"</Document>", b"", "FF01"),
        (b"<CtrlSum>3", b"<CtrlSum>4", "AM10"),
        (b"<NbOfTxs>3", b"<NbOfTxs>4", "AM18"),
        (b"100.00", b"0.00", "FF01"),
    ],
)
def test_invalid_file_is_refused_as_a_whole(client: BankClient, old: bytes, new: bytes, reason: str) -> None:
    data = build_batch(order())
    assert old in data
    client.deliver("a.xml", data.replace(old, new))
    client.pass_time(3)
    (answer,) = client.answers()
    assert (answer.verdict.is_rejected, answer.verdict.reasons) == (True, (reason,))
    assert read_book(client.book) == []


@pytest.mark.parametrize("client", [MANY], indirect=True)
def test_statements_and_book_agree_over_a_mixed_month(client: BankClient) -> None:
    for number in range(5):
        client.deliver(f"{number}.xml", build_batch(order(40, number=number, first=40 * number)))
        client.pass_time(3)
    client.pass_time(25)
    statements = client.statements()
    assert all(statement.adds_up for statement in statements)
    assert [one.closing for one in statements[:-1]] == [other.opening for other in statements[1:]]
    stands = [booked for booked in read_book(client.book) if booked.state == "booked"]
    out = total((transaction.signed for transaction in client.transactions()), "EUR")
    assert -out.minor == sum(booked.amount_minor for booked in stands)
    assert set(client.states()) == {"booked", "rejected", "returned"}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_bank_restarted_at_every_step_writes_the_same_files(tmp_path: Path) -> None:
    steady, restarted = BankClient(tmp_path / "steady", MANY), BankClient(tmp_path / "restarted", MANY)
    for client in (steady, restarted):
        client.deliver("a.xml", build_batch(order(60)))
    for _ in range(20):
        steady.pass_time(1)
        restarted.bank.book.execute("UPDATE files_owed SET sent = 0 WHERE rowid IN (SELECT max(rowid) FROM files_owed WHERE sent)")
        restarted.bank.close()  # as if killed after a file was written, before it was marked
        restarted.reopen()
        restarted.pass_time(1)
    assert files(steady.incoming) == files(restarted.incoming)
    assert read_book(steady.book) == read_book(restarted.book)
    steady.bank.close()
    restarted.bank.close()


def test_error_while_reading_a_file_stores_none_of_it(client: BankClient) -> None:
    client.bank.book.execute("CREATE TRIGGER full BEFORE INSERT ON files_seen BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(Exception, match="disk full"):
        client.deliver("a.xml", build_batch(order()))
    assert read_book(client.book) == []
    client.bank.book.execute("DROP TRIGGER full")
    client.pass_time(3)
    assert client.states() == ["booked"] * 3
    assert len(client.answers()) == 1


def start(folder: Path, programme: datetime) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath, "TRIPTYCH_BANK_OUTGOING": str(folder / "outgoing"), "TRIPTYCH_BANK_INCOMING": str(folder / "incoming"),
        "TRIPTYCH_BANK_BOOK": str(folder / "book.sqlite"), "TRIPTYCH_BANK_SEED": "seed", "TRIPTYCH_DAY_SECONDS": "1",
        "TRIPTYCH_CLOCK_REAL": ProgrammeClock().now().isoformat(), "TRIPTYCH_CLOCK_PROGRAMME": programme.isoformat(),
    }  # fmt: skip
    log = (folder / "bank.log").open("ab")
    return subprocess.Popen([sys.executable, "-m", "simulation.bank"], env=environment, stdout=log, stderr=log)


@pytest.mark.timeout(60)
def test_process_survives_kill_9_and_stops_on_sigterm(tmp_path: Path) -> None:
    (tmp_path / "outgoing").mkdir()
    sent = [order(20, number=number, first=20 * number) for number in range(6)]
    for number, each in enumerate(sent):
        (tmp_path / "outgoing" / f"{number}.xml").write_bytes(build_batch(each))
        process = start(tmp_path, MONDAY + timedelta(days=number))
        time.sleep(0.6 + number * 0.07)  # from before it is ready until it works
        process.send_signal(signal.SIGKILL)
        process.wait()
    process = start(tmp_path, MONDAY + timedelta(days=60))
    wait_until(lambda: len(settled(tmp_path)) == 120)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert b"bank ready" in (tmp_path / "bank.log").read_bytes()
    assert {UUID(hex=booked.end_to_end_id[:32]) for booked in settled(tmp_path)} == {
        each.disbursement_id for file in sent for each in file.transfers
    }


def settled(folder: Path) -> list[Booked]:
    """Returns the finished transfers by the book; a booked one must be on exactly one statement."""
    if not (folder / "book.sqlite").exists():
        return []
    done = [booked for booked in read_book(folder / "book.sqlite") if booked.state in ("booked", "returned", "rejected")]
    statements = (read_statement(path.read_bytes(), max_bytes=LIMIT) for path in (folder / "incoming").glob("*camt053*.xml"))
    lines = [line for statement in statements for line in statement.transactions]
    debits = Counter(line.end_to_end_id for line in lines if line.direction is Direction.DEBIT)
    assert all(count == 1 for count in debits.values())
    return [booked for booked in done if booked.state == "rejected" or debits[booked.end_to_end_id] == 1]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
