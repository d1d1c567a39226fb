"""Applications in a file, JSONL or CSV, line by line.

JSONL: one object a line, {"organisation_id", "form", "row_key"?, "call"?}. CSV: the same as columns, with the form's answers under
their paths ('applicant.name', 'costs.requested_minor'); a list of texts is separated by ';', a list of objects is JSON. An answer to a
region's own question ('extra.budget') is JSON, or text where it is no JSON. A column with the path of an amount without '_minor'
('costs.requested') has amounts as a spreadsheet writes them, '1.234,56 zł'. Encoding, separator and number format are found from the
content or named (`shared.kernel.spreadsheets`).

Nothing is filled in: a row without its applicant's own data, such as a row of a published list of funded operations, is refused.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from services.applications.domain.form import Form, Part
from shared.kernel.encodings import text_of
from shared.kernel.errors import Refused
from shared.kernel.money import Money, OtherCurrency
from shared.kernel.spreadsheets import UNNAMED, Named, Row, decimal_of, plain_amount, table_of
from shared.policy.form import EXTRA

Json = Mapping[str, Any]
APPLICANT_DATA = ("name", "tax_number")
"""The answers that identify an applicant."""
_OWN = ("row_key", "organisation_id", "call")
"""Columns of the row itself."""
_TABLES = (".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file; `content` is None when the line is not a JSON object."""

    number: int
    content: Json | None


def lines_of(content: bytes, name: str, named: Named = UNNAMED) -> Iterator[Line]:
    """Every line that is not empty, with its number in the file (in CSV the heading is line 1, and a row counts as one line). `name` shows
    a list by its ending. `Refused` when the file cannot be read, with what has to be named."""
    if name.lower().endswith(_TABLES):
        rows = table_of(content, _is_column, named)
        amounts = [cell for row in rows for column, cell in row.cells.items() if _minor_of(column)]
        decimal = decimal_of(amounts, named.decimal)
        yield from (Line(row.number, _nested(row, decimal)) for row in rows)
        return
    for number, text in enumerate(text_of(content, named.encoding).split("\n"), start=1):
        if text.strip():
            yield Line(number, _object(text))


def row_key_of(line: Line) -> str:
    """The key that the row has, or one by which the same row is known in every import."""
    if line.content is None:
        return f"line-{line.number}"
    return str(line.content.get("row_key") or _content_key(line.content))


def form_of(content: Json) -> dict[str, Any]:
    """The answers. `Refused` 'no-applicant': nothing is filled in."""
    form = content.get("form")
    applicant = form.get("applicant") if isinstance(form, dict) else None
    answers = applicant if isinstance(applicant, dict) else {}
    missing = [f"form.applicant.{name}" for name in APPLICANT_DATA if not str(answers.get(name) or "").strip()]
    if missing or not isinstance(form, dict):
        raise Refused("no-applicant", "The row has no {missing}. An import never invents an applicant.", field=missing[0], missing=missing)
    return form


def organisation_of(content: Json) -> UUID:
    """Raises `Refused` 'unknown-organisation'."""
    try:
        return UUID(str(content.get("organisation_id")))
    except ValueError as error:
        raise Refused("unknown-organisation", "organisation_id is not a UUID.", field="organisation_id") from error


def _content_key(content: Json) -> str:
    """Names a row that has no key of its own, so that the same row keeps its key in every import."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _object(text: str) -> Json | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_column(name: str) -> bool:
    return name in _OWN or name.startswith(EXTRA) or _type_at(name) is not None or _minor_of(name) is not None


def _minor_of(name: str) -> str | None:
    """The path of the answer in minor units, for a column of amounts; None for any other column."""
    return f"{name}_minor" if not name.endswith("_minor") and _type_at(f"{name}_minor") is int else None


def _nested(listed: Row, decimal: str) -> Json:
    """A CSV row as the object of a JSONL line; an empty cell is an answer that was not given. `Refused` 'other-currency'."""
    row: dict[str, Any] = {"form": {}}
    for name, text in listed.cells.items():
        if not name or not text.strip():
            continue
        if name in _OWN:
            row[name] = text.strip()
            continue
        minor = _minor_of(name)
        value = _value(name, text.strip()) if minor is None else _minor_units(listed, text, decimal)
        *parents, last = (minor or name).split(".")
        part = row["form"]
        for parent in parents:
            part = part.setdefault(parent, {})
        part[last] = value
    return row


def _minor_units(row: Row, text: str, decimal: str) -> Any:
    """Text that is no amount stays text, and the service names the field."""
    currency = row.cells.get("costs.currency", "").strip()
    try:
        return Money.parse(plain_amount(text, decimal, currency or None), currency).minor
    except OtherCurrency as error:
        raise Refused("other-currency", "Row {row} has the amount {amount}, but its currency is {currency}.",
                      row=row.number, amount=text.strip(), currency=currency) from error  # fmt: skip
    except (ValueError, KeyError):
        return text.strip()


def _value(path: str, text: str) -> Any:
    """The text in the type that the form has at this path; text that does not parse stays text, and the service names the field."""
    kind = _type_at(path)
    try:
        if path.startswith(EXTRA):
            return json.loads(text)
        if kind is int:
            return int(text)
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        if kind is list:
            return json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(";")]
    except (ValueError, KeyError, RecursionError):
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
    """The type inside Annotated, `| None` and `list[...]`."""
    options = [option for option in get_args(annotation) if option is not type(None)]
    if isinstance(annotation, type) and not options:
        return annotation
    if getattr(annotation, "__origin__", None) is list:
        return list
    return _bare(options[0]) if options else None
