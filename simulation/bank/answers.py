"""Writes status reports (pain.002). Bytes and file names depend only on the content, so writing a file twice is harmless."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from lxml import etree
from lxml.builder import ElementMaker

from simulation.bank.kinds import PLAIN, BankKind, bank_reference, reference_for

DUPLICATE = "DUPL"
NOT_PROVIDED = "NOTPROVIDED"


class BankFile(NamedTuple):
    """A file for the platform, not delivered before `due_at`."""

    name: str
    body: bytes
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer on one transfer. `reason` only with status RJCT."""

    pmt_inf_id: str
    end_to_end_id: str
    instr_id: str
    status: str
    reason: str | None = None


def status_report(msg_id: str, answers: Iterable[Answer], due_at: datetime, kind: BankKind = PLAIN) -> BankFile:
    """Returns a report on these transfers. Its group status is PART, since other transfers may be answered later; of a bank that answers
    a batch at once, by blocks, it is that of all, where all have the same."""
    report, answers = _Report(kind), list(answers)
    statuses = {answer.status for answer in answers}
    status = statuses.pop() if kind.report == "blocks" and len(statuses) == 1 else "PART"
    groups = groupby(sorted(answers, key=_sort_key), key=lambda answer: answer.pmt_inf_id)
    blocks = [block for pmt_inf_id, group in groups for block in report.blocks(pmt_inf_id, list(group))]
    return report.file(msg_id, status, None, due_at, blocks)


def group_rejection(msg_id: str | None, reason: str, due_at: datetime, cause: str, kind: BankKind = PLAIN) -> BankFile:
    """Returns a report that refuses a file as a whole. `cause` makes the report's id differ if the same file comes under another name."""
    return _Report(kind).file(msg_id or NOT_PROVIDED, "RJCT", reason, due_at, [], cause)


def bank_file(kind: str, body: bytes, due_at: datetime) -> BankFile:
    """Names the file by day, kind and content hash: no personal data, and the same content gets the same name."""
    return BankFile(f"{due_at.astimezone(UTC):%Y%m%d}-{kind}-{hashlib.sha256(body).hexdigest()[:20]}.xml", body, due_at)


def instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def serialise(document: etree._Element) -> bytes:
    body: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return body


def _sort_key(answer: Answer) -> tuple[str, str, str]:
    return answer.pmt_inf_id, answer.end_to_end_id, answer.instr_id


class _Report:
    def __init__(self, kind: BankKind) -> None:
        namespace = f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{kind.report_version}"
        nsmap: dict[Any, str] = {None: namespace}
        self.kind, self.make = kind, ElementMaker(namespace=namespace, nsmap=nsmap)

    def file(
        self, msg_id: str, status: str, reason: str | None, due_at: datetime, blocks: list[etree._Element], cause: str = ""
    ) -> BankFile:
        make = self.make
        content = b"".join(etree.tostring(block) for block in blocks)
        report_id = bank_reference("pain.002", msg_id, status, reason, instant(due_at), cause, content)
        head = make.GrpHdr(make.MsgId(report_id), make.CreDtTm(instant(due_at)))
        original = (make.OrgnlMsgId(self._case(msg_id)), make.OrgnlMsgNmId("pain.001.001.09"))
        group = make.OrgnlGrpInfAndSts(*original, make.GrpSts(status), *self._reason(reason))
        return bank_file("pain002", serialise(make.Document(make.CstmrPmtStsRpt(head, group, *blocks))), due_at)

    def blocks(self, pmt_inf_id: str, answers: list[Answer]) -> list[etree._Element]:
        """One that lists all answers, or one that lists the rejected and another for the rest."""
        make, identity = self.make, self.make.OrgnlPmtInfId
        name = self._case(pmt_inf_id)
        if self.kind.report != "blocks":
            return [make.OrgnlPmtInfAndSts(identity(name), *map(self._transaction, answers))]
        rejected = [answer for answer in answers if answer.status == "RJCT"]
        others = {answer.status for answer in answers if answer.status != "RJCT"}
        blocks = [make.OrgnlPmtInfAndSts(identity(name), make.PmtInfSts("RJCT"), *map(self._transaction, rejected))] if rejected else []
        return blocks + [make.OrgnlPmtInfAndSts(identity(name), make.PmtInfSts(status)) for status in sorted(others)]

    def _transaction(self, answer: Answer) -> etree._Element:
        make = self.make
        status = [make.TxSts(answer.status)] if self.kind.report != "blocks" else []  # as that of its block
        return make.TxInfAndSts(
            make.StsId(bank_reference(answer)[:16]),
            make.OrgnlInstrId(self._case(reference_for(self.kind, answer.instr_id))),
            make.OrgnlEndToEndId(self._case(answer.end_to_end_id)),
            *status,
            *self._reason(answer.reason),
        )

    def _reason(self, reason: str | None) -> list[etree._Element]:
        return [self.make.StsRsnInf(self.make.Rsn(self.make.Cd(reason)))] if reason else []

    def _case(self, text: str) -> str:
        return text.upper() if self.kind.capitals else text
