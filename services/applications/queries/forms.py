"""The form of a call, in the language of a reader, and the sections of an application."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.applications.domain.answers import Fault, Setting
from services.applications.domain.form import Form, changed_paths, stored_form
from services.applications.domain.sections import SectionState, SectionStatus, Versions, section_statuses
from services.applications.queries.applications import whole_application_of
from services.applications.queries.calls import call_of
from services.applications.queries.versions import last_version
from services.applications.tables import ApplicationRow, CallRow
from shared.classifications import Scheme
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.context import Context
from shared.policy.answers import Answer, ColumnAnswer, Sum, columns_of, options_of
from shared.policy.form import CLASSIFIED, Condition, FormDefinition, Question
from shared.texts import in_language, translate
from shared.web.validation import message_of


class OptionView(BaseModel):
    """A value of a choice."""

    value: str
    label: str


class AnswerView(BaseModel):
    """What an answer may be; the limits that a type does not have are null. Amounts are minor units; a number is a whole number of units
    of 10^-`decimals`. `most`: the longest list; `kinds`: of files, of which each has at most `largest_mib` MB of 1,048,576 bytes."""

    type: str
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    decimals: int | None = None
    unit: str | None = None
    most: int | None = None
    kinds: list[str] | None = None
    largest_mib: int | None = None
    options: list[OptionView] | None = None


class ColumnView(AnswerView):
    """A column of a table."""

    key: str
    label: str
    optional: bool


class QuestionView(AnswerView):
    """A question is asked when every condition of `when` holds, and has to be answered then when it is `required`. Its `id` is that of
    its answer in PATCH; `classification`: the list whose codes are answers; `sums` are the columns whose numbers are added up, with the
    question whose answer the sum has to be."""

    id: str
    label: str
    help: str | None
    required: bool
    blind: bool
    when: list[Condition]
    classification: Scheme | None = None
    columns: list[ColumnView] | None = None
    sums: list[Sum] | None = None


class FormSectionView(BaseModel):
    key: str
    title: str
    help: str | None
    questions: list[QuestionView]


class CallFormView(BaseModel):
    """The form that the call is pinned to. A text that is not there in `language` is in English. `json_schema` is of the answers as one
    object by question id, in which any may be missing."""

    form_id: str
    language: str
    languages: list[str]
    currency: str
    sections: list[FormSectionView]
    json_schema: dict[str, Any]


class ProblemView(BaseModel):
    """What keeps an answer from being complete: `code` is 'missing' or says what is wrong, `text` is a sentence for people. `place` is the
    id of the question, followed by the place within its answer, such as row and column: 'de_minimis.aid.0.granted_on'."""

    question: str
    place: str
    code: str
    text: str


class SectionView(BaseModel):
    """`version` is what a change of the section gives back; `asked` are the questions whose conditions hold now; `changed` those
    whose answers differ from the last submission, while the application is corrected."""

    section: str
    state: SectionState
    version: int
    asked: list[str]
    changed: list[str]
    answers: dict[str, Any]
    problems: list[ProblemView]

    @classmethod
    def of(cls, status: SectionStatus, changed: frozenset[str], definition: FormDefinition, language: str) -> Self:
        return cls(
            section=status.section, state=status.state, version=status.version, asked=status.asked, answers=status.answers,
            changed=[question for question in status.asked if question in changed],
            problems=[_problem(fault, definition, language) for fault in status.faults],
        )  # fmt: skip


async def call_form_of(context: Context, call_id: UUID, language: str) -> CallFormView:
    """Raises NotFound, Forbidden."""
    call = await call_of(context, call_id)
    definition = context.policies.form(call.form_id)
    sections = [
        FormSectionView(
            key=section.key, title=in_language(section.title, language), help=in_language(section.help, language) or None,
            questions=[_question(question, language) for question in definition.questions_of(section.key)],
        )
        for section in definition.sections
    ]  # fmt: skip
    languages = list(context.policies.get(call.policy_id).languages)
    return CallFormView(
        form_id=definition.id, language=language, languages=languages, currency=call.currency, sections=sections,
        json_schema=definition.json_schema,
    )  # fmt: skip


def versions_of(application: ApplicationRow) -> Versions:
    return Versions(application.section_versions, application.answer_versions)


async def sections_of(context: Context, application_id: UUID, language: str) -> list[SectionView]:
    """For those who may read the whole application; the reading is recorded. Raises as `whole_application_of`."""
    application, call = await whole_application_of(context, application_id)
    return await _sections(context, application, call, language)


async def _sections(context: Context, application: ApplicationRow, call: CallRow, language: str) -> list[SectionView]:
    form, definition = stored_form(application.form), context.policies.form(call.form_id)
    changed = await _changed(context, application, form)
    statuses = section_statuses(form, definition, versions_of(application), _setting(context, call.policy_id, application))
    return [SectionView.of(status, changed, definition, language) for status in statuses]


async def section_of(
    context: Context, application: ApplicationRow, form: Form, policy_id: str, definition: FormDefinition, section: str, language: str
) -> SectionView:
    """One section, as its applicant sees it after a change. `policy_id`: of the call."""
    [status] = section_statuses(form, definition, versions_of(application), _setting(context, policy_id, application), only=section)
    return SectionView.of(status, await _changed(context, application, form), definition, language)


def _setting(context: Context, policy_id: str, application: ApplicationRow) -> Setting:
    policy = context.policies.get(policy_id)
    applied_on = policy.local_day(application.submitted_at) if application.submitted_at else None
    return Setting(policy, {one.region for one in context.policies.all()}, policy.local_day(context.now), applied_on)


async def _changed(context: Context, application: ApplicationRow, form: Form) -> frozenset[str]:
    """What a returned application has changed since it was submitted."""
    submitted = await last_version(context, application) if application.state == ApplicationState.RETURNED else None
    return frozenset(changed_paths(submitted, form) if submitted else [])


def _question(question: Question, language: str) -> QuestionView:
    columns = [
        ColumnView(key=column.key, label=in_language(column.label, language), optional=column.optional, **_limits(column.answer, language))
        for column in columns_of(question.answer)
    ]
    return QuestionView(
        id=question.id, label=in_language(question.label, language), help=in_language(question.help, language) or None,
        required=question.required,
        blind=question.blind, classification=CLASSIFIED.get(question.id), when=list(question.when), columns=columns or None,
        **_limits(question.answer, language),
    )  # fmt: skip


def _limits(answer: Answer | ColumnAnswer, language: str) -> dict[str, Any]:
    options = [OptionView(value=option.value, label=in_language(option.label, language)) for option in options_of(answer)]
    return {**answer.model_dump(exclude={"options", "columns"}), "options": options or None}


def _problem(fault: Fault, definition: FormDefinition, language: str) -> ProblemView:
    """A sentence names a question by its label."""
    facts = dict(fault.facts)
    if (question := definition.by_id.get(facts.get("question", ""))) is not None:
        facts["question"] = in_language(question.label, language)
    text = translate(*message_of({"type": fault.kind, "ctx": facts}), language)
    place = ".".join(map(str, (fault.question, *fault.inside)))
    return ProblemView(question=fault.question, place=place, code=fault.kind.replace("_", "-"), text=text)
