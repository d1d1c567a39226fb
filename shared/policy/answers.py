"""The types of answers: what a question of a form, or a column of a table, takes. Each is the JSON Schema of its answer.

Answers are JSON values: money and shares are whole numbers (minor units; `decimals` places of a number), a date is ISO 8601, a choice is
the option's code.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from shared.policy.sections import Strict, Text, Titles

Json: TypeAlias = dict[str, Any]
LONGEST_TEXT = 10_000
"""Characters, whatever the script."""
LARGEST_NUMBER = 10**13
"""Keeps an amount times 10,000 within 64 bits."""
E_MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
PHONE = r"^\+?[0-9][0-9 ()/.-]{3,28}$"

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Code = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=60)]
Key = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", max_length=60)]
Most = Annotated[int, Field(gt=0, le=100)]
_Whole = Annotated[int, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]


class Option(Strict):
    """One of the values of a choice."""

    value: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9-]*$", max_length=60)]
    label: Titles


class ShortText(Strict):
    type: Literal["text"]
    min_length: Annotated[int, Field(gt=0)] = 1
    max_length: Annotated[int, Field(gt=0, le=LONGEST_TEXT)] = 200
    pattern: Text | None = None

    def schema_of(self) -> Json:
        limits = {"type": "string", "minLength": self.min_length, "maxLength": self.max_length}
        return limits | ({"pattern": self.pattern} if self.pattern else {})


class LongText(ShortText):
    """With paragraphs."""

    type: Literal["long-text"]  # type: ignore[assignment]
    max_length: Annotated[int, Field(gt=0, le=LONGEST_TEXT)] = 5000


class Texts(Strict):
    """Several short texts."""

    type: Literal["texts"]
    max_length: Annotated[int, Field(gt=0, le=LONGEST_TEXT)] = 200
    most: Most = 20

    def schema_of(self) -> Json:
        return _several({"type": "string", "minLength": 1, "maxLength": self.max_length}, self.most)


class Email(Strict):
    type: Literal["e-mail"]

    def schema_of(self) -> Json:
        return _EMAIL


class Phone(Strict):
    type: Literal["phone"]

    def schema_of(self) -> Json:
        return _PHONE


class Number(Strict):
    """A whole number of units of 10^-`decimals`: with `decimals = 2` and `unit = "%"`, 2500 is 25 % (basis points)."""

    type: Literal["number"]
    minimum: _Whole = 0
    maximum: _Whole = LARGEST_NUMBER
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    unit: Text | None = None

    def schema_of(self) -> Json:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class Amount(Strict):
    """Minor units of the currency of the call."""

    type: Literal["money"]
    minimum: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)] = 0
    maximum: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)] = LARGEST_NUMBER

    def schema_of(self) -> Json:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class Day(Strict):
    type: Literal["date"]

    def schema_of(self) -> Json:
        return {"type": "string", "format": "date"}


class Choice(Strict):
    """One of the options."""

    type: Literal["choice"]
    options: Annotated[tuple[Option, ...], Field(min_length=1)]

    def schema_of(self) -> Json:
        return {"enum": [option.value for option in self.options]}


class Choices(Choice):
    """Several of the options, at most `most`."""

    type: Literal["choices"]  # type: ignore[assignment]
    most: Most = 20

    def schema_of(self) -> Json:
        return _several(super().schema_of(), self.most) | {"uniqueItems": True}


class YesNo(Strict):
    type: Literal["yes-no"]

    def schema_of(self) -> Json:
        return {"type": "boolean"}


class Declaration(Strict):
    """A sentence that the applicant declares to be true; it is answered once it is declared."""

    type: Literal["declaration"]

    def schema_of(self) -> Json:
        return {"type": "boolean"}


class Organisation(Strict):
    """Another organisation: a name, and what is known of it."""

    type: Literal["organisation"]

    def schema_of(self) -> Json:
        return _object(
            {"name": _LINE, "tax_number": _LINE, "email": _EMAIL, "country": {"type": "string", "pattern": "^[A-Z]{2}$"}}, ["name"]
        )


class Person(Strict):
    """A person: a name, and how to reach him or her."""

    type: Literal["person"]

    def schema_of(self) -> Json:
        return _object({"name": _LINE, "role": _LINE, "email": _EMAIL, "phone": _PHONE}, ["name"])


class FileKind(StrEnum):
    """Kinds of files, found by their content (`shared/files/kinds.py`), by the usual ending of their names."""

    PDF = "pdf"
    JPG = "jpg"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"
    ODS = "ods"


class File(Strict):
    """How many files, of which kinds, and how large one may be; an installation may allow less. The answer names each file and the SHA-256
    of its content. Files are given and removed one by one, so no other request may change it."""

    type: Literal["file"]
    most: Most = 1
    kinds: Annotated[tuple[FileKind, ...], Field(min_length=1)] = (FileKind.PDF,)
    largest_mib: Annotated[int, Field(gt=0, le=100)] = 10

    def schema_of(self) -> Json:
        one = {"id": {"type": "string", "pattern": _UUID}, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
        return _several(_object(one, ["id", "sha256"]), self.most)


ColumnAnswer = Annotated[ShortText | Number | Amount | Day | Choice | YesNo, Field(discriminator="type")]


class Column(Strict):
    """A column of a table. A row may leave out what is `optional`."""

    key: Key
    label: Titles
    answer: ColumnAnswer
    optional: bool = False


class Sum(Strict):
    """A column whose numbers are added up; with `equals` the sum has to be the answer of that question."""

    column: Key
    equals: Text | None = None


class Table(Strict):
    """Rows with the same columns, such as a budget."""

    type: Literal["table"]
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    most: Most = 50
    sums: tuple[Sum, ...] = ()

    @model_validator(mode="after")
    def _columns_known(self) -> Self:
        numbers = {column.key for column in self.columns if column.answer.type in ("money", "number")}
        unknown = [one.column for one in self.sums if one.column not in numbers]
        if unknown:
            raise ValueError(f"sums: there is no column of numbers {', '.join(unknown)}")
        return self

    def schema_of(self) -> Json:
        cells = {column.key: column.answer.schema_of() for column in self.columns}
        return _several(_object(cells, [column.key for column in self.columns if not column.optional]), self.most)


Answer = Annotated[
    ShortText | LongText | Texts | Email | Phone | Number | Amount | Day | Choice | Choices | YesNo | Declaration | Organisation | Person
    | File | Table,
    Field(discriminator="type"),
]  # fmt: skip

IDENTIFYING = ("e-mail", "phone", "organisation", "person", "file")
"""Types whose answers may say who applies, so that they are never shown to those who may not know."""


def is_given(answer: Answer, value: Any) -> bool:
    """True when there is an answer. Empty lists and blank texts are none, nor is a declaration that is not made."""
    return (
        value not in (None, [], {})
        and not (isinstance(value, str) and not value.strip())
        and not (answer.type == "declaration" and value is False)
    )


def options_of(answer: Answer | ColumnAnswer) -> tuple[Option, ...]:
    """Of a choice; none of any other type."""
    return answer.options if isinstance(answer, Choice) else ()


def columns_of(answer: Answer | ColumnAnswer) -> tuple[Column, ...]:
    """Of a table; none of any other type."""
    return answer.columns if isinstance(answer, Table) else ()


def limits_at_odds(answer: Answer | ColumnAnswer) -> bool:
    """True when no value keeps both limits, or an option or a column stands twice."""
    if isinstance(answer, Number | Amount):
        return answer.minimum > answer.maximum
    if isinstance(answer, ShortText):
        return answer.min_length > answer.max_length
    names = [*(option.value for option in options_of(answer)), *(column.key for column in columns_of(answer))]
    return len(set(names)) != len(names) or any(limits_at_odds(column.answer) for column in columns_of(answer))


def _several(item: Json, most: int) -> Json:
    return {"type": "array", "maxItems": most, "items": item}


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_LINE: Json = {"type": "string", "minLength": 1, "maxLength": 200}
_EMAIL: Json = {"type": "string", "pattern": E_MAIL, "maxLength": 254}
_PHONE: Json = {"type": "string", "pattern": PHONE}
