"""Lists of applications as files: JSONL or CSV; of the native form, or of published operations with or without names.

Native JSONL: one object a line, {"organisation_id", "form", "row_key"?, "call"?}. Native CSV: the same as columns, the form's answers
by their paths ('applicant.name', 'costs.requested_minor'); lists of texts are separated by ';', lists of objects are JSON.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from services.applications.domain.form import Form, Part
from shared.policy.resolver import PolicyBook
from simulation.demo.operations import Refusal, Target, is_operation, row_key_of, to_row

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file as it is. `content` is None when it is not readable."""

    number: int
    content: Json | None


@dataclass(frozen=True, slots=True)
class Ready:
    """A row for POST /imports and the call it is for."""

    call: Json
    row: Json


def read_lines(path: Path) -> Iterator[Line]:
    """Every line that is not empty, numbered as an editor does (in CSV the heading is 1, and a row counts as one line)."""
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, cells in enumerate(csv.DictReader(file), start=2):
                yield Line(number, cells if is_operation(cells) else _nested(cells))
        return
    with path.open(encoding="utf-8-sig") as file:
        for number, text in enumerate(file, start=1):
            if text.strip():
                yield Line(number, _object(text))


def _object(text: str) -> Json | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _nested(cells: Mapping[str | None, Any]) -> Json:
    """A native CSV row as the object it stands for; empty cells are answers not given."""
    row: dict[str, Any] = {"form": {}}
    for name, text in cells.items():
        if not name or not isinstance(text, str) or not text.strip():
            continue
        if name in ("row_key", "organisation_id", "call"):
            row[name] = text.strip()
            continue
        *parents, last = name.split(".")
        part = row["form"]
        for parent in parents:
            part = part.setdefault(parent, {})
        part[last] = _value(name, text.strip())
    return row


def _value(path: str, text: str) -> Any:
    """As the form's type at that path wants it; what cannot be read stays text, and the form refuses it by name."""
    kind = _type_at(path)
    try:
        if kind is int:
            return int(text)
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        if kind is list:
            return json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(";")]
    except (ValueError, KeyError):
        pass
    return text


def _type_at(path: str) -> Any:
    model: Any = Form
    for name in path.split("."):
        field = model.model_fields.get(name) if isinstance(model, type) and issubclass(model, Part) else None
        if field is None:
            return None
        model = _bare(field.annotation)
    return model


def _bare(annotation: Any) -> Any:
    """The type within Annotated, `| None` and `list[...]`."""
    options = [option for option in get_args(annotation) if option is not type(None)]
    if isinstance(annotation, type) and not options:
        return annotation
    if getattr(annotation, "__origin__", None) is list:
        return list
    return _bare(options[0]) if options else None


class Sorter:
    """Says for each line which call it is for, and what the platform is to be sent. `calls` as the platform lists them."""

    def __init__(self, calls: list[Json], book: PolicyBook, now: datetime, named: str | None) -> None:
        """`named` is a call's id or slug: everything is for that call then. ValueError unless it names one call."""
        self.calls = calls
        self.named = self._find(named) if named else None
        openings = sorted((call for call in calls if _instant(call, "closes_at") > now), key=lambda call: _instant(call, "opens_at"))
        self.by_region: dict[str, Json] = {}
        for call in [self.named] if self.named else openings:
            self.by_region.setdefault(call["region"], call)
        self.targets = {region: _target(call, book) for region, call in self.by_region.items()}

    def _find(self, name: str) -> Json:
        found = [call for call in self.calls if name in (call["id"], call["slug"])]
        if len(found) != 1:
            raise ValueError(f"{len(found)} calls are named {name!r}; `GET /api/applications/calls` lists them with their ids.")
        return found[0]

    def sort(self, line: Line) -> Ready | Refusal:
        """Refusal: what is known here already, before the platform is asked."""
        if line.content is None:
            return Refusal(f"line-{line.number}", "unreadable", "The line is not a JSON object.")
        if is_operation(line.content):
            return self._operation(line.content)
        return self._native(line.content)

    def _operation(self, content: Json) -> Ready | Refusal:
        made = to_row(content, self.targets)
        if isinstance(made, Refusal):
            return made
        row = {"row_key": row_key_of(content), "organisation_id": str(made.organisation_id), "form": made.form}
        return Ready(self.by_region[made.region], row)

    def _native(self, content: Json) -> Ready | Refusal:
        mark = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
        key = str(content.get("row_key") or mark)
        if not isinstance(content.get("form"), dict):
            return Refusal(key, "no-form", "The row has no form.")
        try:
            organisation_id = str(UUID(str(content.get("organisation_id"))))
        except ValueError:
            return Refusal(key, "unknown-organisation", "organisation_id is a UUID.")
        try:
            call = self.named or self._find(str(content.get("call") or ""))
        except ValueError as error:
            return Refusal(key, "unknown-call", str(error))
        return Ready(call, {"row_key": key, "organisation_id": organisation_id, "form": content["form"]})


def _instant(call: Json, name: str) -> datetime:
    return datetime.fromisoformat(call[name])


def _target(call: Json, book: PolicyBook) -> Target:
    policy = book.get(call["policy_id"])
    return Target(policy, _instant(call, "first_closes_at").astimezone(ZoneInfo(policy.zone)).date())
