"""What a status report says about the transfers of an order that it does not list, and whether it contradicts itself."""

from collections.abc import Sequence
from uuid import UUID

from services.payments.domain.line_references import names_of
from services.payments.iso20022.model import named_batch, own_batch_id, own_id
from services.payments.iso20022.pain002 import GroupStatus, StatusReport, TransactionStatus, Verdict


def batch_of_report(report: StatusReport) -> UUID | None:
    """The batch that the report answers: by the id of the message, else by that of one of its blocks. A bank may put one in the place of
    the other."""
    message, blocks = report.original_message_id, [group.pmt_inf_id for group in report.groups]
    found = (own_id(message), own_batch_id(message), *map(own_batch_id, blocks), *map(own_id, blocks))
    return next(filter(None, found), None)


def verdict_of_rest(report: StatusReport, rest: int, ordered: Sequence[tuple[str, str]]) -> Verdict | None:
    """On the `rest` of the transfers, those that are not listed; None where the report contradicts itself. A block counts for its own order
    only; of several, one that lists transfers speaks for these. A transfer that is listed by no reference of ours may be any of the rest.
    `ordered`: EndToEndId and InstrId of each."""
    blocks = [group for group in _own_blocks(report) if group.verdict.status]
    speaking = [group for group in blocks if not group.listed] or blocks
    verdict = speaking[0].verdict if speaking else report.verdict
    said = {_decision(one) for one in (*(group.verdict for group in speaking), report.verdict)} - {None}
    if _decision(verdict) is None:
        return verdict
    covers = [one.covers for one in speaking] if speaking else [report.covers]
    fits = all(one is None or rest <= one <= max(len(ordered), rest) for one in covers)
    return verdict if len(said) == 1 and fits and not _lists_an_unknown_one(report, ordered) else None


def contradicted(statuses: Sequence[TransactionStatus]) -> set[tuple[str | None, str | None]]:
    """The references of transfers that are listed as accepted and as rejected."""
    said: dict[tuple[str | None, str | None], set[bool | None]] = {}
    for one in statuses:
        said.setdefault((one.end_to_end_id, one.instr_id), set()).add(_decision(one.verdict))
    return {names for names, decisions in said.items() if {True, False} <= decisions}


def _decision(verdict: Verdict) -> bool | None:
    return True if verdict.is_accepted else False if verdict.is_rejected else None


def _own_blocks(report: StatusReport) -> list[GroupStatus]:
    """Those of the order; where the bank names none by our id, the only one there is, unless it is of another order of ours."""
    batch_id = batch_of_report(report)
    own = [group for group in report.groups if named_batch(group.pmt_inf_id) == batch_id is not None]
    alone = [group for group in report.groups if named_batch(group.pmt_inf_id) is None]
    return own or (alone if len(report.groups) == 1 else [])


def _lists_an_unknown_one(report: StatusReport, ordered: Sequence[tuple[str, str]]) -> bool:
    known = {name for names in ordered for name in names}
    own = {group.pmt_inf_id for group in _own_blocks(report)}
    listed = [one for one in report.transactions if one.pmt_inf_id in own]
    named = ((one.end_to_end_id, one.instr_id) for one in listed)
    return any(not names_of(*names) and known.isdisjoint(names) for names in named)
