"""Files as answers: which a question takes, and what an answer says of them.

The answer to a question for files is a list of `{"id": ..., "sha256": ...}`. So conditions, versions, corrections and what is hidden from
the blind hold for files as for every other answer, and a submitted form is pinned to the content of each file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.applications.domain.form import Form, answers_of, with_answers
from shared.files.limits import MIB, Limits
from shared.kernel.errors import Conflict, Refused
from shared.policy.answers import File
from shared.policy.form import FormDefinition


@dataclass(frozen=True, slots=True)
class Given:
    """A file that the application has, or is to have."""

    question: str
    sha256: str
    size_bytes: int


def file_question(form: Form, definition: FormDefinition, question: str) -> File:
    """What the question takes. `Refused` 'no-file-question' when it is not asked, or takes no files."""
    asked = next((one for one in definition.asked(answers_of(form)) if one.id == question), None)
    if asked is None or not isinstance(asked.answer, File):
        raise Refused("no-file-question", "The form does not ask for files here.", field="question")
    return asked.answer


def check_room(answer: File, new: Given, present: Collection[Given], limits: Limits) -> None:
    """`Refused` 'file-above-limit'; `Conflict` 'file-given-already', 'too-many-files', 'too-many-files-together' or
    'files-too-large-together'."""
    if new.size_bytes > answer.largest_mib * MIB:
        raise Refused(
            "file-above-limit", "A file for this question may have at most {limit_mib} MB.", field="file", limit_mib=answer.largest_mib
        )
    same = [one for one in present if one.question == new.question]
    if new.sha256 in {one.sha256 for one in same}:
        raise Conflict("file-given-already", "This file is there already.", field="file")
    if len(same) >= answer.most:
        raise Conflict("too-many-files", "This question takes at most {most} files. Remove one first.", field="file", most=answer.most)
    if len(present) >= limits.files:
        raise Conflict("too-many-files-together", "An application has at most {most} files.", field="file", most=limits.files)
    if sum(one.size_bytes for one in present) + new.size_bytes > limits.bytes:
        raise Conflict(
            "files-too-large-together", "All files of an application may have at most {limit_mib} MB together.",
            field="file", limit_mib=limits.bytes // MIB,
        )  # fmt: skip


def with_file(form: Form, question: str, file_id: UUID, sha256: str) -> Form:
    return with_answers(form, {question: [*_files(form, question), {"id": str(file_id), "sha256": sha256}]})


def without_file(form: Form, question: str, file_id: UUID) -> Form:
    left = [one for one in _files(form, question) if one["id"] != str(file_id)]
    return with_answers(form, {question: left or None})


def check_names_no_files(given: Mapping[str, Any], before: Form, definition: FormDefinition) -> None:
    """`Refused` 'files-apart' when the answers that somebody saves name other files than there are."""
    there = answers_of(before)
    for name in definition.file_questions & given.keys():
        if given[name] != there.get(name):
            raise Refused("files-apart", "Files are given and removed one by one, not with the answers.", field=name)


def keeping_files(before: Form, after: Form, definition: FormDefinition) -> Form:
    """`after` with the files of `before`."""
    there = answers_of(before)
    return with_answers(after, {name: there.get(name) for name in definition.file_questions})


def _files(form: Form, question: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = answers_of(form).get(question, [])
    return found
