"""The report at the end of a project: from when it may be written, until when it is due, and whether its answers can be sent."""

from collections.abc import Iterator, Mapping
from datetime import datetime
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
    """OPEN: nothing is written yet."""

    OPEN = "open"
    DRAFT = "draft"
    SENT = "sent"


REPORT_TRANSITIONS: Mapping[ReportState, frozenset[ReportState]] = MappingProxyType(
    {
        ReportState.OPEN: frozenset({ReportState.DRAFT}),
        ReportState.DRAFT: frozenset({ReportState.SENT}),
        ReportState.SENT: frozenset(),
    }
)


def report_due(policy: Policy, voucher: Voucher) -> datetime | None:
    """The end of the term that begins with the settlement. None while nothing was settled, and where the policy wants no report."""
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
    if state is ReportState.SENT:
        raise Conflict("report-sent", "The report was sent already.")


def require_sendable(voucher: Voucher, form: ReportForm, answers: Answers) -> None:
    """Raises `Conflict` not-settled before the settlement; `Refused` report-incomplete names the questions without an answer."""
    if voucher.settled_at is None:
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
