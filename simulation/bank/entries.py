"""Entries of account statements and notifications, as each kind of bank writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from shared.kernel.money import Money, total
from simulation.bank.kinds import PLAIN, BankKind, Booking, bank_reference, reference_for

_OLD_AMOUNTS = "02"
"""In this version the amount of a transaction stands elsewhere, and a status has no code element."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One movement: a transfer from the account or, if `returned`, back to it for `reason`. `again`: the bank books it a second time by
    mistake; `reversal`: it takes that back. `text`: money that came in, with what the payer wrote. `charge`: what a debit costs."""

    msg_id: str
    pmt_inf_id: str
    end_to_end_id: str
    instr_id: str
    amount: Money
    batch_booking: bool
    returned: bool = False
    reason: str | None = None
    kind: BankKind = PLAIN
    again: bool = False
    reversal: bool = False
    text: str | None = None

    @property
    def charge(self) -> Money:
        is_debit = self.direction == "DBIT" and not self.again
        return Money(self.kind.charge_minor if is_debit else 0, self.amount.currency)

    @property
    def signed(self) -> Money:
        return self.amount if self.direction == "CRDT" else -self.amount - self.charge

    @property
    def direction(self) -> str:
        return "CRDT" if self.returned or self.reversal or self.text is not None else "DBIT"

    @property
    def together(self) -> bool:
        """One entry with the other debits of its batch."""
        return self.batch_booking and self.direction == "DBIT" and not self.again and self.kind.booking is not Booking.SINGLE

    @property
    def entry(self) -> tuple[str, ...]:
        """Postings with the same key form one entry on the statement."""
        own = ("", "") if self.together else (self.end_to_end_id, self.instr_id)
        return (self.direction, self.pmt_inf_id, *own, str(int(self.again)), str(int(self.reversal)), self.text or "")


class EntryWriter:
    """For one message. `origin` is a part of each of the bank's references: a statement and a notification of one booking have different
    ones."""

    def __init__(self, message: str, origin: str) -> None:
        self.namespace = f"urn:iso:std:iso:20022:tech:xsd:{message}"
        self.version, self.origin = message.rpartition(".")[2], origin
        nsmap: dict[Any, str] = {None: self.namespace}
        self.make = ElementMaker(namespace=self.namespace, nsmap=nsmap)

    def entries(self, postings: Sequence[Posting], day: date, *, details: bool = True) -> list[etree._Element]:
        """`details` False: a debit for a batch names the batch alone."""
        ordered = sorted(postings, key=lambda posting: (posting.entry, posting.end_to_end_id, posting.instr_id))
        return [self._entry(list(group), day, details) for _, group in groupby(ordered, key=lambda posting: posting.entry)]

    def amount(self, amount: Money, tag: str = "Amt") -> etree._Element:
        return self.make(tag, amount.decimal(), Ccy=amount.currency)

    def _entry(self, postings: list[Posting], day: date, details: bool) -> etree._Element:
        make, first = self.make, postings[0]
        currency = first.amount.currency
        amount = total((posting.amount for posting in postings), currency)
        charges = total((posting.charge for posting in postings), currency)
        lump = first.together and first.kind.booking is Booking.LUMP and not details
        return make.Ntry(
            self.amount(amount + charges),
            make.CdtDbtInd(first.direction),
            *([make.RvslInd("true")] if first.reversal else []),
            make.Sts("BOOK") if self.version == _OLD_AMOUNTS else make.Sts(make.Cd("BOOK")),
            make.BookgDt(make.Dt(day.isoformat())),
            make.ValDt(make.Dt(day.isoformat())),
            make.AcctSvcrRef(bank_reference(self.origin, *first.entry)),
            make.BkTxCd(*self._code(first)),
            make.NtryDtls(*self._batch(postings, amount), *([] if lump else [self._details(one) for one in postings])),
        )

    def _code(self, posting: Posting) -> list[etree._Element]:
        make = self.make
        if posting.returned and posting.kind.returns == "unmarked":
            return [make.Prtry(make.Cd("NTRF+059+00931"), make.Issr("DK"))]
        family, of_family = ("RCDT" if posting.text is not None else "ICDT"), "ESCT" if posting.amount.currency == "EUR" else "DMCT"
        return [make.Domn(make.Cd("PMNT"), make.Fmly(make.Cd(family), make.SubFmlyCd("RRTN" if posting.returned else of_family)))]

    def _batch(self, postings: list[Posting], amount: Money) -> list[etree._Element]:
        make, first = self.make, postings[0]
        if not first.together:
            return []
        names = (make.MsgId(self._case(first, first.msg_id)), make.PmtInfId(self._case(first, first.pmt_inf_id)))
        count = make.NbOfTxs(str(len(postings)))
        return [make.Btch(*names, count, self.amount(amount, "TtlAmt"), make.CdtDbtInd(first.direction))]

    def _details(self, posting: Posting) -> etree._Element:
        make = self.make
        if self.version == _OLD_AMOUNTS:
            amounts = [make.AmtDtls(make.TxAmt(self.amount(posting.amount)))]
        else:
            amounts = [self.amount(posting.amount), make.CdtDbtInd(posting.direction)]
        charges = [make.Chrgs(make.Rcrd(self.amount(posting.charge), make.CdtDbtInd("DBIT")))] if posting.charge.minor else []
        text = [make.RmtInf(make.Ustrd(posting.text))] if posting.text is not None else []
        marked = posting.returned and posting.reason and posting.kind.returns == "marked"
        returned = [make.RtrInf(make.Rsn(make.Cd(posting.reason)))] if marked else []
        return make.TxDtls(make.Refs(*self._references(posting)), *amounts, *charges, *text, *returned)

    def _references(self, posting: Posting) -> list[etree._Element]:
        if posting.text is not None:
            return [self.make.EndToEndId("NOTPROVIDED")]
        kind = posting.kind
        instr_id = reference_for(kind, posting.instr_id)
        texts = {"MsgId": posting.msg_id, "PmtInfId": posting.pmt_inf_id, "InstrId": instr_id, "EndToEndId": posting.end_to_end_id}
        wanted = kind.return_references if posting.returned else kind.references
        return [self.make(tag, self._case(posting, text)) for tag, text in texts.items() if tag in wanted]

    def _case(self, posting: Posting, text: str) -> str:
        return text.upper() if posting.kind.capitals else text
