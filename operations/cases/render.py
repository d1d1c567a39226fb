"""A story as people read it: the events, the scores, the money, and what is awaited."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from operations.cases.gather import Story
from operations.cases.order import CaseEvent
from operations.cases.waiting import waiting_for
from shared.kernel.money import MINOR_DIGITS, Money

_COMMON = {"application_id", "call_id", "region", "voucher_id", "award_id", "organisation_id", "currency", "policy_id", "relations"}
_IDS = {"disbursement_ids", "case_id", "subject_id", "claim_id", "disbursement_id", "batch_id", "assignment_id", "recovery_id"}
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")


def render(story: Story) -> RenderableType:
    """Everything, for a rich console."""
    return Group(*_parts(story))


def _parts(story: Story) -> Iterator[RenderableType]:
    yield _title(story)
    yield _events(story)
    if story.case and story.case.get("sheets"):
        yield _scores(story.case)
    if story.money:
        yield _money(story.money)
    if story.disbursements:
        yield _disbursements(story.disbursements)
    yield Text("Waiting for: ", style="bold") + Text(waiting_for(story))


def _title(story: Story) -> Text:
    receipt, code = (story.application or {}).get("receipt"), (story.voucher or {}).get("code")
    names = [*([f"application {receipt}"] if receipt else []), *([f"voucher {code}"] if code else [])]
    return Text(f"{', '.join(names) or f'{story.kind} {story.ref}'} in {story.region}", style="bold")


def _events(story: Story) -> Table:
    table = Table("programme time", "what happened", "by whom, why, under which rules", title="Events, times in UTC", title_justify="left")
    for event in story.events:
        quiet = bool(story.application) and _concerns_all(event)
        what = Text(f"{event.service}: {words(event.name)}", style="" if quiet else "bold")
        told = ", ".join(details(event))
        table.add_row(
            f"{event.time:%Y-%m-%d %H:%M}",
            what.append(f"\n{told}" if told else "", style="not bold"),
            f"{event.actor}, {event.reason}\n{rule_version(event.policy_id)}",
            style="dim" if quiet else None,
        )
    return table


def _concerns_all(event: CaseEvent) -> bool:
    """The call's or a batch's event, which is told because the case hangs on it."""
    return "application_id" not in event.body and event.body.get("case_id") in (None, event.body.get("subject_id"))


def words(name: str) -> str:
    """'application found eligible' of 'ApplicationFoundEligible'."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def rule_version(policy_id: str) -> str:
    """The day and the hash of a policy's id: the region and scheme are the case's."""
    return policy_id.rpartition("/")[2]


def details(event: CaseEvent) -> Iterator[str]:
    """What the event says besides the ids that the whole case has in common."""
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


def _disbursements(disbursements: list[dict[str, Any]]) -> Table:
    table = Table("disbursement", "amount", "state", "attempt", "approvals", "bank's reason", title="Payments", title_justify="left")
    for item in disbursements:
        amount = str(Money(item["amount_minor"], item["currency"]))
        approvals = f"{item['approvals']} of {item['approvals_needed']}"
        table.add_row(item["disbursement_id"], amount, item["state"], str(item["attempt"]), approvals, item["bank_reason"] or "")
    return table
