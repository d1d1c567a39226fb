"""The bank's answer to an order: pain.002 (.03 to .14), every transaction of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.payments.iso20022.xml_reader import Node, read_message

MESSAGES = frozenset(f"pain.002.001.{version:02}" for version in range(3, 15))

ACCEPTED = frozenset({"ACCP", "ACSP", "ACSC", "ACCC", "ACWC", "ACWP"})
"""The bank will execute, or has. Money has moved only when a statement says so."""
REJECTED = frozenset({"RJCT"})
"""All other statuses (ACTC, RCVD, PDNG, PART ...) decide nothing about a transaction yet."""

_LONGEST_COUNT = 15
"""Digits of a number of transactions (ISO 20022: Max15NumericText)."""

DUPLICATE_REASONS = frozenset({"DUPL", "AM05", "DU01", "DU02", "DU03", "DU04", "DU05"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status of a message, a group or a transaction with its reasons, as codes and in the bank's words; `status` is None where the bank
    gave none."""

    status: str | None
    reasons: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        return self.status in ACCEPTED

    @property
    def is_rejected(self) -> bool:
        """False for a duplicate: that refuses the repetition and says nothing about the first, which may well be paid."""
        return self.status in REJECTED and not self.is_duplicate

    @property
    def is_duplicate(self) -> bool:
        return self.status in REJECTED and not DUPLICATE_REASONS.isdisjoint(self.reasons)


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """The status of one transfer. `pmt_inf_id`, `end_to_end_id`, `instr_id` are the references of our order; the first one is empty where
    the transfer is listed in no block."""

    pmt_inf_id: str
    end_to_end_id: str | None
    instr_id: str | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """The status of one PmtInf as a whole. `listed`: how many transfers the block lists. `covers`: of how many the bank says it is; None
    where it says nothing."""

    pmt_inf_id: str
    verdict: Verdict
    listed: int = 0
    covers: int | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """`original_message_id` is the MsgId of our order; empty where the bank could not read it. A group or message verdict covers
    transactions not listed. `covers`: of how many the bank says that the one on the message is."""

    message: str
    report_id: str
    original_message_id: str
    verdict: Verdict
    groups: tuple[GroupStatus, ...]
    transactions: tuple[TransactionStatus, ...]
    covers: int | None = None


def read_status_report(data: bytes, *, max_bytes: int) -> StatusReport:
    """Raises `Refused` naming the element at fault; see `xml_reader.read_message` for hostile input."""
    return report_of(*read_message(data, max_bytes, MESSAGES))


def report_of(message: str, report: Node) -> StatusReport:
    """Of a message that is parsed. Raises `Refused`."""
    if report.find("OrgnlGrpInfAndSts") is None:
        raise report.missing("OrgnlGrpInfAndSts")
    groups = list(report.each("OrgnlPmtInfAndSts"))
    verdict = _read_verdict(report, "OrgnlGrpInfAndSts/GrpSts", "OrgnlGrpInfAndSts/StsRsnInf")
    return StatusReport(
        message=message,
        report_id=report.required("GrpHdr/MsgId"),
        original_message_id=report.text("OrgnlGrpInfAndSts/OrgnlMsgId") or "",
        verdict=verdict,
        groups=tuple(map(_read_group, groups)),
        transactions=tuple(status for part in (*groups, report) for status in _read_transactions(part, verdict)),
        covers=_covers(report, verdict, "OrgnlGrpInfAndSts/"),
    )


def _read_group(group: Node) -> GroupStatus:
    verdict = _read_verdict(group, "PmtInfSts", "StsRsnInf")
    return GroupStatus(group.required("OrgnlPmtInfId"), verdict, len(list(group.each("TxInfAndSts"))), _covers(group, verdict))


def _covers(node: Node, verdict: Verdict, path: str = "") -> int | None:
    counts = [part.text("DtldNbOfTxs") for part in node.each(f"{path}NbOfTxsPerSts") if part.text("DtldSts") == verdict.status]
    count = next(filter(None, [*counts, node.text(f"{path}OrgnlNbOfTxs")]), "")
    return int(count) if count.isascii() and count.isdigit() and len(count) <= _LONGEST_COUNT else None


def _read_transactions(group: Node, of_message: Verdict) -> Iterator[TransactionStatus]:
    """A transfer that is listed with its reasons and without a status has that of its block, and a block that of the message. Some banks
    list transfers beside the blocks, below the message itself."""
    pmt_inf_id = group.text("OrgnlPmtInfId") or ""
    of_block = _or_of_block(_read_verdict(group, "PmtInfSts", "StsRsnInf"), of_message)
    for transaction in group.each("TxInfAndSts"):
        yield TransactionStatus(
            pmt_inf_id=pmt_inf_id,
            end_to_end_id=transaction.text("OrgnlEndToEndId"),
            instr_id=transaction.text("OrgnlInstrId"),
            verdict=_or_of_block(_read_verdict(transaction, "TxSts", "StsRsnInf"), of_block),
        )


def _or_of_block(own: Verdict, of_block: Verdict) -> Verdict:
    """The block's reasons count too: a transfer that is listed below a duplicate is no rejection."""
    return own if own.status else Verdict(of_block.status, (*own.reasons, *of_block.reasons), (*own.words, *of_block.words))


def _read_verdict(node: Node, status_path: str, reason_path: str) -> Verdict:
    informations = list(node.each(reason_path))
    reasons = (information.text("Rsn/Cd", "Rsn/Prtry") for information in informations)
    words = tuple(text for information in informations for text in information.texts("AddtlInf"))
    return Verdict(node.text(status_path), tuple(filter(None, reasons)), words)
