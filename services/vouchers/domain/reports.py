"""The report at the end of a project: from when it may be written, until when it is due, and whether its answers can be sent."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from services.vouchers.domain.stages import Stage, Voucher
from shared.kernel.errors import Conflict, Malformed, Refused
from shared.kernel.vocabulary import VoucherOutcome
from shared.policy.answers import options_of
from shared.policy.report import ReportForm
from shared.policy.schema import Policy

Answers = Mapping[str, Any]
Fault = tuple[tuple[str | int, ...], str, Mapping[str, Any]]
"""Place, kind and facts, as `Malformed` takes them."""
_MOMENT = timedelta(microseconds=1)
_WRITABLE = (Stage.ISSUED, Stage.CLAIMING, Stage.SETTLING, Stage.CLOSED)
_KINDS = {
    "maxLength": ("string_too_long", "max_length"),
    "minLength": ("string_too_short", "min_length"),
    "minimum": ("greater_than_equal", "ge"),
    "maximum": ("less_than_equal", "le"),
    "maxItems": ("too_long", "max_length"),
}
"""Kind of a fault of JSON Schema → that of pydantic's errors (sentences: `shared.web.validation`), and the name of its limit."""
_TYPES = {"string": "string_type", "integer": "int_type", "boolean": "bool_type", "array": "list_type"}


class ReportState(StrEnum):
    """OPEN: nothing is written yet. ACCEPTED: by an officer, where a part of the voucher is kept until then."""

    OPEN = "open"
    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"


REPORT_TRANSITIONS: Mapping[ReportState, frozenset[ReportState]] = MappingProxyType(
    {
        ReportState.OPEN: frozenset({ReportState.DRAFT}),
        ReportState.DRAFT: frozenset({ReportState.SENT}),
        ReportState.SENT: frozenset({ReportState.ACCEPTED, ReportState.DRAFT}),
        ReportState.ACCEPTED: frozenset(),
    }
)


def report_due(policy: Policy, voucher: Voucher) -> datetime | None:
    """The end of the term that begins with the settlement. None while nothing was settled, and where the policy wants no report. Where a
    part of the voucher is kept until the report is accepted, the term begins with the end of the claims."""
    if policy.balance is not None:
        return final_report_due(policy, voucher)
    settled = voucher.settled_at if voucher.outcome in (None, VoucherOutcome.SETTLED) and voucher.claimed_at else None
    return None if policy.report is None or settled is None else policy.deadline(policy.report.within, settled)


def wants_report(policy: Policy, voucher: Voucher) -> bool:
    """From the issue on, unless the voucher ended without a payment."""
    ended_unpaid = voucher.outcome not in (None, VoucherOutcome.SETTLED)
    return policy.report is not None and voucher.state in _WRITABLE and not ended_unpaid


def require_writable(policy: Policy, voucher: Voucher, state: ReportState) -> None:
    """Late is better than never: the end of the term closes nothing. Raises `Conflict` no-report, report-sent."""
    if not wants_report(policy, voucher):
        raise Conflict("no-report", "No report is asked for on this voucher.", state=voucher.state)
    if state in (ReportState.SENT, ReportState.ACCEPTED):
        raise Conflict("report-sent", "The report was sent already.")


def final_report_due(policy: Policy, voucher: Voucher) -> datetime | None:
    """Until when the report has to be sent so that what is kept of the claims is paid: the policy's term after the end of the claims, or
    after the last return. None before the voucher is issued, and where nothing is kept."""
    if policy.balance is None or voucher.claim_window_until is None:
        return None
    since = max(voucher.claim_window_until - _MOMENT, voucher.report_returned_at or voucher.claim_window_until - _MOMENT)
    return policy.capped_deadline(policy.balance.report_within, since)


def awaited_report(policy: Policy, voucher: Voucher) -> datetime | None:
    """The end of the term while claims have ended and the final report is still to come. A report that was sent in time waits for an
    officer, however long that takes: none of that is at the beneficiary's expense."""
    is_open = voucher.report_sent_at is None and voucher.report_decided_at is None and voucher.outcome is None
    return final_report_due(policy, voucher) if voucher.state is Stage.SETTLING and voucher.settled_at is None and is_open else None


def waits_for_officer(policy: Policy, voucher: Voucher) -> bool:
    """Claims have ended, and the final report was sent and is not decided."""
    is_open = voucher.report_decided_at is None and voucher.settled_at is None and voucher.outcome is None
    return policy.balance is not None and voucher.state is Stage.SETTLING and voucher.report_sent_at is not None and is_open


def require_decidable(policy: Policy, voucher: Voucher, state: ReportState) -> None:
    """Raises `Conflict` report-not-decided where nothing waits for a decision, report-not-sent, balance-decided."""
    if policy.balance is None:
        raise Conflict("report-not-decided", "Nothing is kept of this voucher until its report is accepted: the report needs no decision.")
    if state is not ReportState.SENT:
        raise Conflict("report-not-sent", "The report is not sent, or it is decided already.", state=state)
    if voucher.report_decided_at is not None or voucher.settled_at is not None or voucher.outcome is not None:
        raise Conflict("balance-decided", "The voucher has ended, or the time for its report was over: nothing is kept any more.")


def require_sendable(policy: Policy, voucher: Voucher, form: ReportForm, answers: Answers) -> None:
    """Raises `Conflict` not-settled before the settlement, or, where a part is kept until the report is accepted, not-claimed before the
    first claim; `Refused` report-incomplete names the questions without an answer."""
    if policy.balance is not None and voucher.claimed_at is None:
        raise Conflict("not-claimed", "The report is sent once you have claimed what you bought. You can write it before.")
    if policy.balance is None and voucher.settled_at is None:
        raise Conflict("not-settled", "The report is sent once the voucher is settled. You can write it before.", state=voucher.state)
    missing = form.unanswered(answers)
    if missing:
        raise Refused("report-incomplete", "Some questions have no answer yet.", field=f"answers.{missing[0]}", missing=missing)


def changed_answers(form: ReportForm, old: Answers, new: Answers) -> dict[str, Any]:
    """The old answers with the new ones; None and blank texts remove one. `Malformed` names each that is not well-formed."""
    values = {name: _read(value) for name, value in new.items()}
    faults = list(_faults(form, {name: value for name, value in values.items() if value is not None}))
    if faults:
        raise Malformed(faults)
    return {name: value for name, value in {**old, **values}.items() if value is not None}


def _read(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value


def _faults(form: ReportForm, values: Answers) -> Iterator[Fault]:
    known = {name: value for name, value in values.items() if name in form.by_id and not isinstance(value, float)}
    for name in values.keys() - known.keys():  # JSON Schema takes 4.0 for a whole number
        yield ("answers", name), "int_type" if name in form.by_id else "extra_forbidden", {}
    for error in form.validator.iter_errors(known):
        name, facts = str(error.instance_path[0]), error.kind.as_dict()
        if error.kind.name in _KINDS:
            kind, limit = _KINDS[error.kind.name]
            yield ("answers", name), kind, {limit: facts["limit"]}
        elif error.kind.name == "type":
            yield ("answers", name), _TYPES[facts["types"][0]], {}
        else:
            yield ("answers", name), "literal_error", {"expected": [option.value for option in options_of(form.by_id[name].answer)]}
