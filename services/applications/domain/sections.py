"""The sections of a form that is being filled in: what each still lacks, and how two people change one without overwriting each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.applications.domain.answers import Fault, Setting, answers_at_odds, changed_form, faults_of, sums_at_odds
from services.applications.domain.figures import figures_at_odds
from services.applications.domain.form import Form, answers_of, changed_paths
from shared.kernel.errors import Conflict, Malformed, NotFound
from shared.policy.form import FormDefinition


class SectionState(StrEnum):
    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Versions:
    """`sections`: how often each was changed, 0 when it is not there. `answers`: the version of its section at which each answer changed
    last."""

    sections: Mapping[str, int]
    answers: Mapping[str, int]

    def of(self, section: str) -> int:
        return self.sections.get(section, 0)


@dataclass(frozen=True, slots=True)
class SectionStatus:
    """`asked` are the questions whose conditions hold; `faults` is what keeps the section from being complete."""

    section: str
    state: SectionState
    version: int
    asked: list[str]
    answers: dict[str, Any]
    faults: list[Fault]


def section_statuses(
    form: Form, definition: FormDefinition, versions: Versions, setting: Setting, only: str | None = None
) -> list[SectionStatus]:
    """Every section in the order of the form, or only one."""
    answers, at_odds = answers_of(form), [*answers_at_odds(form, setting), *figures_at_odds(form, definition, setting)]
    asked = definition.asked(answers)
    found = []
    for section in definition.sections:
        if only not in (None, section.key):
            continue
        inside = {question.id for question in definition.questions_of(section.key)}
        of_section = [question for question in asked if question.id in inside]
        given = {name: value for name, value in answers.items() if name in inside and definition.by_id[name].is_answered(value)}
        wrong = [Fault(one.id, "missing") for one in of_section if one.required and not one.is_answered(answers.get(one.id))]
        wrong += faults_of({one.id: answers[one.id] for one in of_section if one.id in answers}, definition)
        wrong += [Fault(table, "sum_differs", {"question": other}) for table, other in sums_at_odds(of_section, answers)]
        wrong += [fault for fault in at_odds if fault.question in inside]
        state = SectionState.NOT_STARTED if not given else SectionState.IN_PROGRESS if wrong else SectionState.COMPLETE
        questions = [question.id for question in of_section]
        found.append(SectionStatus(section.key, state, versions.of(section.key), questions, given, wrong))
    return found


@dataclass(frozen=True, slots=True)
class SectionChange:
    """Answers to questions of one section, None for one that is taken back, by somebody who saw the section at `version`."""

    section: str
    version: int
    answers: Mapping[str, Any]


def merged_form(form: Form, change: SectionChange, definition: FormDefinition, versions: Versions) -> Form:
    """The form with the change. Answers to different questions of a section merge; to the same question they do not.

    `NotFound` 'unknown-section'; `Malformed` names what is not well-formed; `Conflict` 'section-changed' has both values of each answer
    that was changed since `version` and is to be something else.
    """
    questions = {question.id for question in definition.questions_of(change.section)}
    if not questions:
        raise NotFound("unknown-section", "The form has no section {section}.", section=change.section)
    current = versions.of(change.section)
    if change.version > current:
        raise Malformed([(("version",), "less_than_equal", {"le": current})])
    if foreign := [name for name in change.answers if name not in questions]:
        raise Malformed([(("answers", name), "extra_forbidden", {}) for name in foreign])
    after = changed_form(form, change.answers, definition)
    newer = [name for name in change.answers if versions.answers.get(name, 0) > change.version]
    theirs, yours = (answers_of(form), answers_of(after)) if newer else ({}, {})
    newer = [name for name in newer if theirs.get(name) != yours.get(name)]
    if newer:
        raise Conflict(
            "section-changed",
            "These answers were changed meanwhile: {questions}.",
            questions=newer,
            version=current,
            theirs={name: theirs.get(name) for name in newer},
            yours={name: yours.get(name) for name in newer},
        )
    return after


def moved(versions: Versions, before: Form, after: Form, definition: FormDefinition, sections: Iterable[str] = ()) -> Versions:
    """The versions after a change: those of the sections whose answers differ, and of `sections`, are one higher."""
    changed = [name for name in changed_paths(before, after) if name in definition.by_id]
    higher = {*sections, *(definition.by_id[name].section for name in changed)}
    numbers = {**versions.sections, **{section: versions.of(section) + 1 for section in higher}}
    return Versions(numbers, {**versions.answers, **{name: numbers[definition.by_id[name].section] for name in changed}})
