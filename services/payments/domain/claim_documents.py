"""Whether a draft of a claim has room for another document. (No I/O, no clock: everything is an argument.)"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared.files.limits import MIB, Limits
from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import EvidenceKind


@dataclass(frozen=True, slots=True)
class Given:
    """A document that the draft has, or is to have."""

    line_id: UUID
    kind: str
    sha256: str
    size_bytes: int


def check_room(new: Given, present: Collection[Given], limits: Limits) -> None:
    """`Conflict` 'document-given-already', 'invoice-file-given', 'too-many-documents' or 'documents-too-large-together'.

    A line has one file of the invoice: two would be two invoices to the checks against double financing.
    """
    if new.sha256 in {one.sha256 for one in present}:
        raise Conflict("document-given-already", "This file is in the claim already.", field="file")
    same_line = {one.kind for one in present if one.line_id == new.line_id}
    if new.kind == EvidenceKind.INVOICE and EvidenceKind.INVOICE in same_line:
        raise Conflict("invoice-file-given", "This line has the file of its invoice. Remove it first, then give another one.", field="file")
    if len(present) >= limits.files:
        raise Conflict("too-many-documents", "A claim has at most {most} files.", field="file", most=limits.files)
    if sum(one.size_bytes for one in present) + new.size_bytes > limits.bytes:
        raise Conflict(
            "documents-too-large-together", "All files of a claim may have at most {limit_mib} MB together.",
            field="file", limit_mib=limits.bytes // MIB,
        )  # fmt: skip


def check_of_hours(new: Given, present: Collection[Given]) -> None:
    """Of a line of own hours: `Refused` 'timesheet-alone', `Conflict` 'timesheet-given'. One file, so that the hours are proved once."""
    if new.kind != EvidenceKind.TIMESHEET:
        raise Refused("timesheet-alone", "Hours are proved by their timesheet. Give other documents at an invoice.", field="kind")
    if any(one.line_id == new.line_id for one in present):
        raise Conflict("timesheet-given", "This line has its timesheet. Remove it first, then give another one.", field="file")
