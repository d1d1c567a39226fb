"""Dead ends: every event has a reader, every milestone a consumer, every policy value a place that reads it."""

import re
from pathlib import Path

from pydantic import BaseModel

from shared.kernel.vocabulary import MilestoneKind
from shared.policy.schema import Policy
from tools.pictures.handlers import unread

ROOT = Path(__file__).resolve().parents[2]
AWAITED_VALUES: dict[str, str] = {}
"""Policy values that nothing reads yet, with what will."""
AWAITED_MILESTONES = {
    MilestoneKind.OFFER_REMINDER: "mail to the beneficiary",
    MilestoneKind.VALIDITY_ENDS: "mail to the beneficiary; the voucher itself acts in the same transaction",
    MilestoneKind.ANSWER_OVERDUE: "the operator's status page; shown on the voucher",
}
"""Milestones that are announced and that no service consumes, with what will."""


def fields(model: type[BaseModel]) -> set[str]:
    """The names of all values below a table of the policy; a time limit or a day off is one value."""
    found = set()
    for name, info in model.model_fields.items():
        kinds = [kind for kind in _models(info.annotation) if kind.__module__.startswith("shared.policy")]
        found |= set().union(*(fields(kind) for kind in kinds)) if kinds else {name}
    return found


def _models(annotation: object) -> list[type[BaseModel]]:
    inner = [kind for part in getattr(annotation, "__args__", ()) for kind in _models(part)]
    return [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else inner


def code(*rooms: str) -> str:
    return "\n".join(path.read_text() for room in rooms for path in sorted((ROOT / room).rglob("*.py")))


def test_every_event_has_a_reader() -> None:
    assert unread() == []


def test_every_milestone_has_a_consumer() -> None:
    subscribers = "\n".join(path.read_text() for path in ROOT.glob("services/*/subscribers.py"))
    consumed = {kind for kind in MilestoneKind if re.search(rf"MilestoneKind\.{kind.name}\b", subscribers)}
    assert set(MilestoneKind) - consumed == set(AWAITED_MILESTONES)


def test_every_policy_value_has_a_reader() -> None:
    text = code("services", "operations") + "\n".join(
        path.read_text()
        for path in [*(ROOT / "shared/policy").glob("*.py"), *(ROOT / "shared/privacy").glob("*.py")]
        if path.name != "sections.py"
    )
    unread_values = {name for name in fields(Policy) if not re.search(rf"\.{name}\b", text)}
    assert unread_values - {"sources", "name", "translations", "message", "expression"} == set(AWAITED_VALUES)
