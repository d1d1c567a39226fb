"""What the receipt of an application says: the whole copy of what was submitted, in the language of its reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from services.applications.domain.form import Form, answers_of
from services.applications.domain.receipt import content_digest
from shared.documents import Document, Fact, Part, Table
from shared.policy.answers import Answer, ColumnAnswer, Number, columns_of, options_of
from shared.policy.answers import Table as TableAnswer
from shared.policy.form import FormDefinition, Question
from shared.texts import in_language, say
from shared.texts.formats import LOCALES, day, moment, money

NUMBERS = ("money", "number")


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file of the submission. `name` is None once its content is deleted."""

    name: str | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Submitted:
    """A version of an application. `submitted_at` is the instant by which it holds its place, `version_at` that of this version; `files` by
    their id."""

    receipt: str
    revision: int
    submitted_at: datetime
    version_at: datetime
    form: Form
    files: Mapping[str, GivenFile]


@dataclass(frozen=True, slots=True)
class AskedBy:
    """The call: its title by language, its currency, the zone of its region, and the form that it is pinned to."""

    title: Mapping[str, str]
    currency: str
    zone: str
    definition: FormDefinition


def receipt_of(submitted: Submitted, call: AskedBy, language: str) -> Document:
    return _Receipt(submitted, call, language).document()


class _Receipt:
    def __init__(self, submitted: Submitted, call: AskedBy, language: str) -> None:
        self.submitted, self.call, self.language = submitted, call, language
        self.answers = answers_of(submitted.form)

    def document(self) -> Document:
        submitted, language = self.submitted, self.language
        return Document(
            language=language,
            title=say(language, "Receipt {receipt}", receipt=submitted.receipt),
            made_at=submitted.version_at,
            parts=(self._head(), *self._sections()),
            footer=submitted.receipt,
            page=say(language, "Page {page} of {pages}", page="{page}", pages="{pages}"),
            missing=say(language, "[U+…] stands for a letter that this document cannot show, with its number in Unicode."),
        )

    def _head(self) -> Part:
        submitted, language, form = self.submitted, self.language, self.submitted.form
        facts = [
            Fact(say(language, "Receipt number"), submitted.receipt),
            Fact(say(language, "Submitted"), moment(submitted.submitted_at, self.call.zone, language)),
            Fact(say(language, "Call"), in_language(self.call.title, language)),
            Fact(say(language, "Organisation"), form.applicant.name or self._no_answer()),
            Fact(say(language, "Project"), form.project.title or self._no_answer()),
            Fact(say(language, "SHA-256 of the answers"), content_digest(form)),
        ]
        if submitted.revision > 1:
            corrected = moment(submitted.version_at, self.call.zone, language)
            facts.insert(2, Fact(say(language, "Version {number}, corrected", number=submitted.revision), corrected))
        texts = (
            say(language, "This is the whole application as it was submitted."),
            say(language, "Who submits declares that the answers are true, and to be entitled to act for the organisation."),
            say(language, "The SHA-256 is of the answers as JSON with sorted keys and no spaces; it covers the SHA-256 of each file."),
        )
        return Part(None, texts, tuple(facts))

    def _sections(self) -> list[Part]:
        definition, found = self.call.definition, []
        asked = {question.id for question in definition.asked(self.answers)}
        for section in definition.sections:
            facts = [self._fact(question) for question in definition.questions_of(section.key) if question.id in asked]
            if facts:
                found.append(Part(in_language(section.title, self.language), (), tuple(facts)))
        return found

    def _fact(self, question: Question) -> Fact:
        value = self.answers.get(question.id)
        shown = self._value(question.answer, value) if question.is_answered(value) else self._no_answer()
        return Fact(in_language(question.label, self.language), shown)

    def _value(self, answer: Answer, value: Any) -> str | Table:
        if isinstance(answer, TableAnswer):
            return self._table(answer, value)
        if answer.type in ("organisation", "person"):
            return "\n".join(f"{label}: {value[part]}" for part, label in self._parts().items() if part in value)
        if answer.type == "file":
            return "\n".join(self._file(one) for one in value)
        if answer.type in ("texts", "choices"):
            return "\n".join(self._cell(answer, one) for one in value)
        return self._cell(answer, value)

    def _cell(self, answer: Answer | ColumnAnswer, value: Any) -> str:
        """One value; a value that is not there is an empty text."""
        if value is None:
            return ""
        if answer.type == "money":
            return money(value, self.call.currency, self.language)
        if isinstance(answer, Number):
            number = format_decimal(Decimal(value).scaleb(-answer.decimals), locale=LOCALES.get(self.language, self.language))
            return f"{number}\u00a0{answer.unit}" if answer.unit else number
        if answer.type == "date":
            return day(date.fromisoformat(value), self.language)
        if answer.type == "declaration":
            return say(self.language, "Declared")
        if answer.type == "yes-no":
            return say(self.language, "Yes") if value else say(self.language, "No")
        labels = {option.value: in_language(option.label, self.language) for option in options_of(answer)}
        return labels.get(value, str(value))

    def _table(self, answer: TableAnswer, rows: Sequence[Mapping[str, Any]]) -> Table:
        columns = columns_of(answer)
        shown = [tuple(self._cell(column.answer, row.get(column.key)) for column in columns) for row in rows]
        added = {total.column: sum(row.get(total.column) or 0 for row in rows) for total in answer.sums}
        if added:
            sums = [self._cell(column.answer, added.get(column.key)) for column in columns]
            sums[0] = sums[0] or say(self.language, "Sum")
            shown.append(tuple(sums))
        right = tuple(place for place, column in enumerate(columns) if column.answer.type in NUMBERS)
        return Table(tuple(in_language(column.label, self.language) for column in columns), tuple(shown), right, sums=bool(added))

    def _file(self, answer: Mapping[str, str]) -> str:
        file = self.submitted.files.get(answer["id"])
        name = (file.name if file else None) or say(self.language, "A file that is no longer kept")
        size = say(self.language, "{count} bytes", count=file.size_bytes) if file else ""
        return "\n".join(line for line in (name, size, f"SHA-256: {answer['sha256']}") if line)

    def _parts(self) -> Mapping[str, str]:
        language = self.language
        return {
            "name": say(language, "Name"), "role": say(language, "Role"), "tax_number": say(language, "Tax number"),
            "email": say(language, "E-mail"), "phone": say(language, "Phone"), "country": say(language, "Country"),
        }  # fmt: skip

    def _no_answer(self) -> str:
        return say(self.language, "No answer")
