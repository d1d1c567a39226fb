"""A case history for people: events, scores, money, and what the case waits for."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from operations.cases.gather import CaseHistory
from operations.cases.order import CaseEvent
from operations.cases.waiting import waiting_for
from shared.kernel.money import MINOR_DIGITS, Money

_COMMON = {"application_id", "call_id", "region", "voucher_id", "award_id", "organisation_id", "currency", "policy_id", "relations"}
_IDS = {"disbursement_ids", "case_id", "subject_id", "claim_id", "disbursement_id", "batch_id", "assignment_id", "recovery_id"}
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")


def render(history: CaseHistory) -> RenderableType:
    """The whole history, for a rich console."""
    return Group(*_parts(history))


def _parts(history: CaseHistory) -> Iterator[RenderableType]:
    yield _title(history)
    yield _events(history)
    if history.case and history.case.get("sheets"):
        yield _scores(history.case)
    if history.money:
        yield _money(history.money)
    if history.disbursements:
        yield _disbursements(history.disbursements)
    if history.mails:
        yield _mails(history.mails)
    yield Text("Waiting for: ", style="bold") + Text(waiting_for(history))


def _title(history: CaseHistory) -> Text:
    receipt, code = (history.application or {}).get("receipt"), (history.voucher or {}).get("code")
    names = [*([f"application {receipt}"] if receipt else []), *([f"voucher {code}"] if code else [])]
    return Text(f"{', '.join(names) or f'{history.kind} {history.ref}'} in {history.region}", style="bold")


def _events(history: CaseHistory) -> Table:
    table = Table("programme time", "what happened", "actor, reason, rule version", title="Events, times in UTC", title_justify="left")
    for event in history.events:
        is_context = bool(history.application) and _is_context(event)
        what = Text(f"{event.service}: {words(event.name)}", style="" if is_context else "bold")
        facts = ", ".join(details(event))
        table.add_row(
            f"{event.time:%Y-%m-%d %H:%M}",
            what.append(f"\n{facts}" if facts else "", style="not bold"),
            f"{event.actor}, {event.reason}\n{rule_version(event.policy_id)}",
            style="dim" if is_context else None,
        )
    return table


def _is_context(event: CaseEvent) -> bool:
    """True for an event of the call or of a batch, which is shown because the case depends on it."""
    return "application_id" not in event.body and event.body.get("case_id") in (None, event.body.get("subject_id"))


def words(name: str) -> str:
    """'application found eligible' of 'ApplicationFoundEligible'."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def rule_version(policy_id: str) -> str:
    """Date and hash of a policy id, without the region and scheme, which the whole case shares."""
    return policy_id.rpartition("/")[2]


def details(event: CaseEvent) -> Iterator[str]:
    """The fields of the event's body, except the ids that the whole case has in common."""
    currency = str(event.body.get("currency", ""))
    for name, value in event.body.items():
        if name in _COMMON | _IDS or value in (None, [], ""):
            continue
        yield f"{_label(name)} {_shown(name, value, currency)}"


def _label(name: str) -> str:
    for ending in ("_minor", "_hundredths"):
        name = name.removesuffix(ending)
    return name.replace("_", " ")


def _shown(name: str, value: Any, currency: str) -> str:
    if name.endswith("_minor") and currency in MINOR_DIGITS:
        return str(Money(value, currency))
    if name.endswith("_hundredths"):
        return f"{value // 100}.{value % 100:02d}"
    if isinstance(value, list):
        return " ".join(str(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if _INSTANT.match(text):
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
    return f"{text[:12]}…" if re.fullmatch(r"[0-9a-f]{64}", text) else text


def _scores(case: dict[str, Any]) -> Table:
    criteria = list(case["sheets"][0]["scores"])
    table = Table("evaluator", *criteria, "total", title="Scores", title_justify="left")
    for sheet in case["sheets"]:
        table.add_row(
            sheet["evaluator_id"], *(str(sheet["scores"].get(criterion, "")) for criterion in criteria), str(sheet["total_points"])
        )
    if case.get("total_hundredths") is not None:
        total = case["total_hundredths"]
        table.add_row("counted", *[""] * len(criteria), f"{total // 100}.{total % 100:02d}", style="bold")
    return table


def _money(money: dict[str, Any]) -> Table:
    columns = ("amount", "reserved", "committed", "claimed", "paid", "recovered", "released")
    table = Table(*columns, title="Money", title_justify="left")
    table.add_row(*(str(Money(money[f"{name}_minor"], money["currency"])) for name in columns))
    return table


def _mails(mails: list[dict[str, Any]]) -> Table:
    table = Table("written", "mail", "to", "language", "state", title="Mails", title_justify="left")
    for mail in mails:
        written = f"{datetime.fromisoformat(mail['written_at']):%Y-%m-%d %H:%M}"
        state = ": ".join(filter(None, (mail["state"], mail["reason"], mail["answer"])))
        table.add_row(written, mail["template"], mail["recipient_id"], mail["language"], state)
    return table


def _disbursements(disbursements: list[dict[str, Any]]) -> Table:
    table = Table("disbursement", "amount", "state", "attempt", "approvals", "bank's reason", title="Payments", title_justify="left")
    for item in disbursements:
        amount = str(Money(item["amount_minor"], item["currency"]))
        approvals = f"{item['approvals']} of {item['approvals_needed']}"
        table.add_row(item["disbursement_id"], amount, item["state"], str(item["attempt"]), approvals, item["bank_reason"] or "")
    return table
