"""The gathered facts: event logs, tables, the bank's side, workflows. Every id is text, so that ids of all sources compare."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from operations.verify.bank_files import BankSide
from operations.verify.chains import ChainFacts, ChainKey
from shared.kernel.vocabulary import MilestoneKind
from shared.policy.schema import Policy

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Logged:
    """An event in its service's outbox. `case` is its correlation id; `body` has the field names of the present contract version.
    `genuine`: a process of the service wrote it (`shared/messaging/mac.py`), or it is from before that could be known."""

    service: str
    position: int
    event_id: str
    topic: str
    key: str
    type: str
    time: datetime
    actor: str
    reason: str
    policy_id: str
    case: str
    causation_id: str | None
    published: bool
    body: Mapping[str, Any]
    genuine: bool = True

    @property
    def name(self) -> str:
        """The type without service and version."""
        return self.type.split(".")[1]

    def __str__(self) -> str:
        return f"event {self.event_id} ({self.name})"


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow execution. `status` as Temporal names it, in lower case: running, completed, failed, terminated, timed_out."""

    id: str
    status: str


@dataclass(frozen=True)
class Facts:
    """`logs`: service → its events by position. `chains`: the hash chains with their anchors.

    `tables`: '<service>.<table>' → rows. `workflows`: None when Temporal is down.

    `files`: name of an object in the store of files → SHA-256 of its bytes.

    `notes` says which sources could not be read. `clocks_apart`: by how much the clocks of two machines may differ, in programme time.
    """

    logs: Mapping[str, Sequence[Logged]]
    tables: Mapping[str, Sequence[Row]]
    bank: BankSide
    policies: Mapping[str, Policy]
    workflows: Sequence[Workflow] | None = None
    notes: Sequence[str] = field(default_factory=tuple)
    chains: Mapping[ChainKey, ChainFacts] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    clocks_apart: timedelta = timedelta(minutes=5)

    @cached_property
    def events(self) -> list[Logged]:
        """All events of all services, each service's in order."""
        return [event for log in self.logs.values() for event in log]

    @cached_property
    def _by_name(self) -> dict[str, list[Logged]]:
        return grouped(self.events, lambda event: event.name)

    def named(self, *names: str) -> list[Logged]:
        """The events of these names, by position when they are one service's."""
        found = [event for name in names for event in self._by_name.get(name, [])]
        return sorted(found, key=lambda event: (event.service, event.position)) if len(names) > 1 else found

    def rows(self, table: str) -> Sequence[Row]:
        return self.tables[table]

    def by(self, table: str, column: str) -> dict[Any, Row]:
        """The rows by a column that is unique."""
        return {row[column]: row for row in self.tables[table]}

    @cached_property
    def applications(self) -> dict[str, Row]:
        return self.by("applications.applications", "id")


def grouped(items: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def repeated(items: Iterable[Any]) -> list[Any]:
    """The items that occur more than once, each listed once."""
    return [item for item, count in Counter(items).items() if count > 1]


_NAMES = ("disbursement", "claim", "recovery", "voucher", "application", "batch", "call")
_SUBJECTS = {
    MilestoneKind.REPAIR_ENDS: "application", MilestoneKind.OFFER_REMINDER: "voucher", MilestoneKind.VALIDITY_ENDS: "voucher",
    MilestoneKind.CLAIM_WINDOW_ENDS: "voucher", MilestoneKind.FINAL_REPORT_DUE: "voucher", MilestoneKind.DEPOSIT_DUE: "voucher",
    MilestoneKind.ANSWER_OVERDUE: "voucher", MilestoneKind.CLAIM_CHECK_DUE: "claim",
    MilestoneKind.CLAIM_CORRECTION_ENDS: "claim", MilestoneKind.BANK_SILENCE: "batch", MilestoneKind.RETENTION_DUE: "region",
}  # fmt: skip
"""Kind of milestone → the kind of its subject; the subject of every other milestone is a call."""


def case_of(event: Logged) -> str:
    """The case of an event as people look it up: '<kind> <id>' of the most specific thing that the event names."""
    if event.name == "MilestoneReached":
        return f"{_SUBJECTS.get(event.body.get('kind', ''), 'call')} {event.body.get('subject_id')}"
    return next((f"{kind} {event.body[f'{kind}_id']}" for kind in _NAMES if event.body.get(f"{kind}_id")), f"case {event.case}")
