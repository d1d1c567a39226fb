"""Writes status reports (pain.002.001.10). Bytes and file names depend only on the content, so writing a file twice is harmless."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from lxml import etree
from lxml.builder import ElementMaker

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
_NSMAP: dict[Any, str] = {None: _NAMESPACE}
_E = ElementMaker(namespace=_NAMESPACE, nsmap=_NSMAP)

DUPLICATE = "DUPL"


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


def status_report(msg_id: str, answers: Iterable[Answer], due_at: datetime) -> BankFile:
    """Returns a report on these transfers. Its group status is PART, since other transfers may be answered later."""
    groups = groupby(sorted(answers, key=_sort_key), key=lambda answer: answer.pmt_inf_id)
    return _report(msg_id, "PART", None, due_at, [_group(pmt_inf_id, list(group)) for pmt_inf_id, group in groups])


def group_rejection(msg_id: str | None, reason: str, due_at: datetime, cause: str) -> BankFile:
    """Returns a report that refuses a file as a whole. `cause` makes the report's id differ if the same file comes under another name."""
    return _report(msg_id or "NOTPROVIDED", "RJCT", reason, due_at, [], cause)


def bank_file(kind: str, body: bytes, due_at: datetime) -> BankFile:
    """Names the file by day, kind and content hash: no personal data, and the same content gets the same name."""
    return BankFile(f"{due_at.astimezone(UTC):%Y%m%d}-{kind}-{hashlib.sha256(body).hexdigest()[:20]}.xml", body, due_at)


def bank_reference(*parts: object) -> str:
    """Returns a reference of the bank, derived from `parts`; 32 characters."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]


def instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def serialise(document: etree._Element) -> bytes:
    body: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return body


def _sort_key(answer: Answer) -> tuple[str, str, str]:
    return answer.pmt_inf_id, answer.end_to_end_id, answer.instr_id


def _report(msg_id: str, status: str, reason: str | None, due_at: datetime, groups: list[etree._Element], cause: str = "") -> BankFile:
    content = b"".join(etree.tostring(group) for group in groups)
    report_id = bank_reference("pain.002", msg_id, status, reason, instant(due_at), cause, content)
    body = serialise(
        _E.Document(
            _E.CstmrPmtStsRpt(
                _E.GrpHdr(_E.MsgId(report_id), _E.CreDtTm(instant(due_at))),
                _E.OrgnlGrpInfAndSts(_E.OrgnlMsgId(msg_id), _E.OrgnlMsgNmId("pain.001.001.09"), _E.GrpSts(status), *_reason(reason)),
                *groups,
            )
        )
    )
    return bank_file("pain002", body, due_at)


def _group(pmt_inf_id: str, answers: list[Answer]) -> etree._Element:
    return _E.OrgnlPmtInfAndSts(_E.OrgnlPmtInfId(pmt_inf_id), *map(_transaction, answers))


def _transaction(answer: Answer) -> etree._Element:
    return _E.TxInfAndSts(
        _E.StsId(bank_reference(answer)[:16]),
        _E.OrgnlInstrId(answer.instr_id),
        _E.OrgnlEndToEndId(answer.end_to_end_id),
        _E.TxSts(answer.status),
        *_reason(answer.reason),
    )


def _reason(reason: str | None) -> list[etree._Element]:
    return [_E.StsRsnInf(_E.Rsn(_E.Cd(reason)))] if reason else []
