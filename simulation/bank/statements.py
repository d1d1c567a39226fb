"""Writes account statements (camt.053.001.08): one for each account and day; a batch is one debit that lists its transfers."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from shared.kernel.money import Money, total
from simulation.bank.answers import BankFile, bank_file, bank_reference, instant, serialise
from simulation.bank.behaviour import BANK_ZONE

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_NSMAP: dict[Any, str] = {None: _NAMESPACE}
_E = ElementMaker(namespace=_NAMESPACE, nsmap=_NSMAP)


@dataclass(frozen=True, slots=True)
class Posting:
    """One movement: a transfer from the account or, if `returned`, back to it for `reason`."""

    msg_id: str
    pmt_inf_id: str
    end_to_end_id: str
    instr_id: str
    amount: Money
    batch_booking: bool
    returned: bool = False
    reason: str | None = None

    @property
    def signed(self) -> Money:
        return self.amount if self.returned else -self.amount

    @property
    def direction(self) -> str:
        return "CRDT" if self.returned else "DBIT"

    @property
    def entry(self) -> tuple[bool, str, str, str]:
        """Postings with the same key form one entry on the statement."""
        together = self.batch_booking and not self.returned
        return (self.returned, self.pmt_inf_id, *(("", "") if together else (self.end_to_end_id, self.instr_id)))


def closing(opening: Money, postings: list[Posting]) -> Money:
    return sum((posting.signed for posting in postings), opening)


def statement(account: str, number: int, day: date, opening: Money, postings: list[Posting]) -> BankFile:
    """Returns statement `number` of the account for `day`, due at the end of the day."""
    due_at = datetime.combine(day + timedelta(days=1), time(), BANK_ZONE)
    statement_id = bank_reference("camt.053", account, opening.currency, number)
    ordered = sorted(postings, key=lambda posting: (posting.entry, posting.end_to_end_id, posting.instr_id))
    entries = [_entry(list(group), day, statement_id) for _, group in groupby(ordered, key=lambda posting: posting.entry)]
    identification = _E.IBAN(account) if account[:2].isalpha() else _E.Othr(_E.Id(account), _E.SchmeNm(_E.Cd("BBAN")))
    body = serialise(
        _E.Document(
            _E.BkToCstmrStmt(
                _E.GrpHdr(_E.MsgId(statement_id), _E.CreDtTm(instant(due_at))),
                _E.Stmt(
                    _E.Id(statement_id),
                    _E.ElctrncSeqNb(str(number)),
                    _E.CreDtTm(instant(due_at)),
                    _E.Acct(_E.Id(identification), _E.Ccy(opening.currency)),
                    _balance("OPBD", opening, day),
                    _balance("CLBD", closing(opening, postings), day),
                    *entries,
                ),
            )
        )
    )
    return bank_file("camt053", body, due_at)


def _balance(code: str, amount: Money, day: date) -> etree._Element:
    return _E.Bal(
        _E.Tp(_E.CdOrPrtry(_E.Cd(code))),
        _amount(_unsigned(amount)),
        _E.CdtDbtInd("CRDT" if amount.minor >= 0 else "DBIT"),
        _E.Dt(_E.Dt(day.isoformat())),
    )


def _entry(postings: list[Posting], day: date, statement_id: str) -> etree._Element:
    first = postings[0]
    amount = total((posting.amount for posting in postings), first.amount.currency)
    family = "RRTN" if first.returned else "ESCT" if amount.currency == "EUR" else "DMCT"
    return _E.Ntry(
        _amount(amount),
        _E.CdtDbtInd(first.direction),
        _E.Sts(_E.Cd("BOOK")),
        _E.BookgDt(_E.Dt(day.isoformat())),
        _E.ValDt(_E.Dt(day.isoformat())),
        _E.AcctSvcrRef(bank_reference(statement_id, *first.entry)),
        _E.BkTxCd(_E.Domn(_E.Cd("PMNT"), _E.Fmly(_E.Cd("ICDT"), _E.SubFmlyCd(family)))),
        _E.NtryDtls(*_batch(postings, amount), *map(_details, postings)),
    )


def _batch(postings: list[Posting], amount: Money) -> list[etree._Element]:
    first = postings[0]
    if first.returned or not first.batch_booking:
        return []
    count = _E.NbOfTxs(str(len(postings)))
    return [_E.Btch(_E.MsgId(first.msg_id), _E.PmtInfId(first.pmt_inf_id), count, _amount(amount, "TtlAmt"), _E.CdtDbtInd(first.direction))]


def _details(posting: Posting) -> etree._Element:
    references = _E.Refs(
        _E.MsgId(posting.msg_id), _E.PmtInfId(posting.pmt_inf_id), _E.InstrId(posting.instr_id), _E.EndToEndId(posting.end_to_end_id)
    )
    returned = [_E.RtrInf(_E.Rsn(_E.Cd(posting.reason)))] if posting.returned and posting.reason else []
    return _E.TxDtls(references, _amount(posting.amount), _E.CdtDbtInd(posting.direction), *returned)


def _amount(amount: Money, tag: str = "Amt") -> etree._Element:
    return _E(tag, amount.decimal(), Ccy=amount.currency)


def _unsigned(amount: Money) -> Money:
    return amount if amount.minor >= 0 else -amount
