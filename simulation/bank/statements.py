"""Writes account statements (camt.053), one for each account and day, and what some banks say before it: camt.052 and camt.054."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from lxml import etree

from shared.kernel.money import Money
from simulation.bank.answers import BankFile, bank_file, instant, serialise
from simulation.bank.behaviour import BANK_ZONE
from simulation.bank.entries import EntryWriter, Posting
from simulation.bank.kinds import PLAIN, BankKind, bank_reference

OTHER_ACCOUNT, OTHER_CURRENCY, OTHER_BALANCE = "GB33BUKB20201555555555", "USD", "125.00"
"""An account of the same customer that no payment is made from, in a currency that the programme does not know."""
_BODIES = {"camt.052": ("BkToCstmrAcctRpt", "Rpt"), "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}


def closing(opening: Money, postings: Sequence[Posting]) -> Money:
    return sum((posting.signed for posting in postings), opening)


def statement(account: str, number: int, day: date, opening: Money, postings: Sequence[Posting], kind: BankKind = PLAIN) -> BankFile:
    """Returns statement `number` of the account for `day`, due at the end of the day."""
    due_at = datetime.combine(day + timedelta(days=1), time(), BANK_ZONE)
    statement_id = bank_reference("camt.053", account, opening.currency, number)
    writer = EntryWriter(f"camt.053.001.{kind.statement_version}", statement_id)
    make = writer.make
    pages = _pages(sorted(postings, key=lambda posting: posting.entry), kind.entries_per_page)
    parts, before = [], opening
    for page, of_page in enumerate(pages, 1):
        after = closing(before, of_page)
        first, last = page == 1, page == len(pages)
        numbered = [make.StmtPgntn(make.PgNb(str(page)), make.LastPgInd("true" if last else "false"))] if len(pages) > 1 else []
        parts.append(
            make.Stmt(
                make.Id(statement_id),
                *numbered,
                make.ElctrncSeqNb(str(number)),
                make.CreDtTm(instant(due_at)),
                _account(writer, account, opening.currency, kind),
                _balance(writer, "OPBD" if first else "ITBD", before, day),
                _balance(writer, "CLBD" if last else "ITBD", after, day),
                *writer.entries(of_page, day, details=False),
            )
        )
        before = after
    if kind.other_account:
        parts.insert(0, _other_account(writer, number, day, due_at))
    body = serialise(make.Document(make.BkToCstmrStmt(make.GrpHdr(make.MsgId(statement_id), make.CreDtTm(instant(due_at))), *parts)))
    return bank_file("camt053", body, due_at)


def notification(message: str, account: str, day: date, due_at: datetime, postings: Sequence[Posting], kind: BankKind) -> BankFile:
    """A camt.052 or a camt.054 of debits of the day, under references of its own."""
    body_tag, part_tag = _BODIES[message]
    names = sorted(posting.instr_id for posting in postings)
    notice_id = bank_reference(message, account, day, *names)
    writer = EntryWriter(f"{message}.001.{kind.statement_version}", notice_id)
    make, currency = writer.make, postings[0].amount.currency
    part = make(
        part_tag,
        make.Id(notice_id),
        make.CreDtTm(instant(due_at)),
        _account(writer, account, currency, kind),
        *writer.entries(postings, day),
    )
    head = make.GrpHdr(make.MsgId(notice_id), make.CreDtTm(instant(due_at)))
    return bank_file(message.replace(".", ""), serialise(make.Document(make(body_tag, head, part))), due_at)


def _pages(postings: Sequence[Posting], per_page: int) -> list[Sequence[Posting]]:
    """Postings of one entry stay together. A day without postings has one page."""
    if not per_page:
        return [postings]
    keys = list(dict.fromkeys(posting.entry for posting in postings))
    pages = [keys[start : start + per_page] for start in range(0, len(keys), per_page)] or [[]]
    return [[posting for posting in postings if posting.entry in page] for page in pages]


def _account(writer: EntryWriter, account: str, currency: str, kind: BankKind) -> etree._Element:
    make, is_iban = writer.make, account[:2].isalpha()
    number = account[4:] if is_iban and kind.account == "bban" else account
    iban = is_iban and number == account
    identification = make.IBAN(number) if iban else make.Othr(make.Id(number), make.SchmeNm(make.Cd("BBAN")))
    return make.Acct(make.Id(identification), make.Ccy(currency))


def _balance(writer: EntryWriter, code: str, amount: Money, day: date) -> etree._Element:
    make = writer.make
    unsigned = writer.amount(amount if amount.minor >= 0 else -amount)
    direction = make.CdtDbtInd("CRDT" if amount.minor >= 0 else "DBIT")
    return make.Bal(make.Tp(make.CdOrPrtry(make.Cd(code))), unsigned, direction, make.Dt(make.Dt(day.isoformat())))


def _other_account(writer: EntryWriter, number: int, day: date, due_at: datetime) -> etree._Element:
    """Nothing moves on it."""
    make = writer.make

    def balance(code: str) -> etree._Element:
        kind, amount = make.Tp(make.CdOrPrtry(make.Cd(code))), make.Amt(OTHER_BALANCE, Ccy=OTHER_CURRENCY)
        return make.Bal(kind, amount, make.CdtDbtInd("CRDT"), make.Dt(make.Dt(day.isoformat())))

    return make.Stmt(
        make.Id(bank_reference("camt.053", OTHER_ACCOUNT, number)),
        make.ElctrncSeqNb(str(number)),
        make.CreDtTm(instant(due_at)),
        make.Acct(make.Id(make.IBAN(OTHER_ACCOUNT)), make.Ccy(OTHER_CURRENCY)),
        balance("OPBD"),
        balance("CLBD"),
    )
