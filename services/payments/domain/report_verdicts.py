"""What a status report says about the transfers of an order that it does not list, and whether it contradicts itself."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.payments.domain.bank_statuses import NOTES_FOR_A_PERSON, StatusMeaning, note_of
from services.payments.domain.line_references import names_of
from services.payments.iso20022.model import named_batch, own_batch_id, own_id, reference
from services.payments.iso20022.pain002 import REJECTED, GroupStatus, StatusReport, TransactionStatus, Verdict

_STOPPED = (StatusMeaning.CANCELLED, StatusMeaning.BLOCKED)
PARTIALLY_ACCEPTED = "PART"
"""Of a message: a number of its transfers have been accepted, another number have not yet been."""


def batch_of_report(report: StatusReport) -> UUID | None:
    """The batch that the report answers: by the id of the message, else by that of one of its blocks. A bank may put one in the place of
    the other."""
    message, blocks = report.original_message_id, [group.pmt_inf_id for group in report.groups]
    found = (own_id(message), own_batch_id(message), *map(own_batch_id, blocks), *map(own_id, blocks))
    return next(filter(None, found), None)


def parts_of_report(report: StatusReport) -> list[StatusReport]:
    """What the report says of each order of ours: first of the one that it answers, then of each other one that a block of it names. The
    status of the message is that of the order which the message names; where it names none of ours, of all."""
    answered = batch_of_report(report)
    named = [named_batch(group.pmt_inf_id) for group in report.groups]
    others = [batch_id for batch_id in dict.fromkeys(named) if batch_id not in (None, answered)]
    if not others:
        return [report]
    names_none = named_batch(report.original_message_id) is None
    return [
        replace(
            report,
            original_message_id=report.original_message_id if batch_id == answered and not names_none else reference(batch_id),
            verdict=report.verdict if batch_id == answered or names_none else Verdict(None),
            covers=None,
            groups=tuple(group for group in report.groups if _is_of(group.pmt_inf_id, batch_id, answered)),
            transactions=tuple(one for one in report.transactions if _is_of(one.pmt_inf_id, batch_id, answered)),
        )
        for batch_id in (answered, *others) if batch_id is not None
    ]  # fmt: skip


def _is_of(pmt_inf_id: str, batch_id: UUID, answered: UUID | None) -> bool:
    named = named_batch(pmt_inf_id)
    return named == batch_id or (named is None and batch_id == answered)


def verdict_of_rest(report: StatusReport, rest: int, ordered: Sequence[tuple[str, str]]) -> Verdict | None:
    """On the `rest` of the transfers, those that are not listed; None where the report contradicts itself. A block counts for its own order
    only; of several, one that lists transfers speaks for these. A transfer that is listed by no reference of ours may be any of the rest.
    `ordered`: EndToEndId and InstrId of each; empty where the order is not known here, so that no count can be compared."""
    speaking = _speaking(report)
    verdict = speaking[0].verdict if speaking else report.verdict
    stopped = [report.verdict] if speaking and note_of(report.verdict.status) in _STOPPED else []
    if len({_meaning(one) for one in (*(group.verdict for group in speaking), *stopped)}) > 1:
        return None
    said = {_decision(one) for one in (*(group.verdict for group in speaking), report.verdict)} - {None}
    if _decision(verdict) is None:
        return verdict
    if len(said) > 1 or _is_denied(report, speaking, verdict, len(ordered)):
        return None
    if ordered and not (all(fits_count(one, rest, len(ordered)) for one in _counts(report)) and not _lists_an_unknown_one(report, ordered)):
        return None
    return verdict


def count_of_rest(report: StatusReport) -> int | None:
    """Of how many transfers the verdict on those that are not listed is said to be, of an order that is not known here."""
    return next((one for one in _counts(report) if one is not None), None)


def fits_count(covers: int | None, rest: int, ordered: int) -> bool:
    """Whether a status of so many transfers can be that of the `rest` of those `ordered`: a bank counts those that it lists too, or not."""
    return covers is None or rest <= covers <= max(ordered, rest)


def _counts(report: StatusReport) -> list[int | None]:
    speaking = _speaking(report)
    return [one.covers for one in speaking] if speaking else [report.covers]


def _speaking(report: StatusReport) -> list[GroupStatus]:
    """The blocks with a status that speak for the transfers that are not listed."""
    blocks = _own_blocks(report)
    return [group for group in [one for one in blocks if not one.listed] or blocks if group.verdict.status]


def _is_denied(report: StatusReport, speaking: Sequence[GroupStatus], verdict: Verdict, ordered: int) -> bool:
    """Whether the report says elsewhere that not all of the rest can have this verdict.

    A message of ours has one group of transfers, so what PART says of the message it says of that: some are accepted, and some are not yet.
    Below a group that is rejected each transfer is rejected too: where it lists only some, all are, and where only some are, it is PART.
    Source: ISO 20022, code PART of TransactionGroupStatus3Code, and the rule PaymentInformationStatusRejectedRule of pain.002.
    """
    listed = [one.verdict for one in _listed_in_own(report)]
    said = {_decision(one) for one in (*listed, verdict)}
    if report.verdict.status == PARTIALLY_ACCEPTED and ordered != 1 and (len(said) == 1 or True not in said):
        return True
    lists = verdict.is_rejected and any(group.listed for group in speaking)
    return lists and any(one.status not in REJECTED for one in listed)


def contradicted(statuses: Sequence[TransactionStatus]) -> set[tuple[str | None, str | None]]:
    """The references of transfers that are listed as accepted and as rejected."""
    said: dict[tuple[str | None, str | None], set[bool | None]] = {}
    for one in statuses:
        said.setdefault((one.end_to_end_id, one.instr_id), set()).add(_decision(one.verdict))
    return {names for names, decisions in said.items() if {True, False} <= decisions}


def _decision(verdict: Verdict) -> bool | None:
    return True if verdict.is_accepted else False if verdict.is_rejected else None


def _meaning(verdict: Verdict) -> object:
    """Equal where two verdicts say the same of a transfer."""
    note = note_of(verdict.status)
    decision = _decision(verdict)
    return decision if decision is not None else (verdict.is_duplicate, note if note in NOTES_FOR_A_PERSON else "")


def _own_blocks(report: StatusReport) -> list[GroupStatus]:
    """Those of the order; where the bank names none by our id, the only one there is, unless it is of another order of ours."""
    batch_id = batch_of_report(report)
    own = [group for group in report.groups if named_batch(group.pmt_inf_id) == batch_id is not None]
    alone = [group for group in report.groups if named_batch(group.pmt_inf_id) is None]
    return own or (alone if len(report.groups) == 1 else [])


def _listed_in_own(report: StatusReport) -> list[TransactionStatus]:
    """The transfers that are listed in the blocks of the order, or in none."""
    own = {group.pmt_inf_id for group in _own_blocks(report)} | {""}
    return [one for one in report.transactions if one.pmt_inf_id in own]


def _lists_an_unknown_one(report: StatusReport, ordered: Sequence[tuple[str, str]]) -> bool:
    known = {name for names in ordered for name in names}
    named = ((one.end_to_end_id, one.instr_id) for one in _listed_in_own(report))
    return any(not names_of(*names) and known.isdisjoint(names) for names in named)
