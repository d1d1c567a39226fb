"""The report at the end of a project as data: questions from one date on, the same for every region.

`regions/common/report-<date>.toml`. Its id names the file and the content, so that a report keeps the questions it was begun with.
"""

from collections.abc import Iterator

from shared.policy.form import ENGLISH, FormDefinition, FormFile, texts_of

TYPES = ("text", "long-text", "number", "yes-no", "choice", "choices")
"""What a question of a report may be answered with: nothing that says who somebody is."""


class ReportForm(FormDefinition):
    """Sections and questions; a number counts whole units of 10^-`decimals`."""

    @property
    def id(self) -> str:
        """'common/report-<effective date>@<first 12 hex digits of the content hash>'."""
        return f"{self.region}/report-{self.effective_from}@{self.content_hash[:12]}"


def report_of(file: FormFile) -> ReportForm:
    """ValueError with every fault, one a line."""
    form = ReportForm(region=file.region, scheme=None, effective_from=file.effective_from, sections=file.sections, questions=file.questions)
    faults = list(_faults_of(form))
    if faults:
        raise ValueError("\n".join(faults))
    return form


def _faults_of(form: ReportForm) -> Iterator[str]:
    sections, seen = {section.key for section in form.sections}, set[str]()
    for question in form.questions:
        if question.id in seen:
            yield f"{question.id}: stands twice"
        if question.answer.type not in TYPES:
            yield f"{question.id}: a report has no answers of the type {question.answer.type}"
        if question.section not in sections:
            yield f"{question.id}: there is no section {question.section}"
        yield from (f"{question.id}: asks about {one.question}, which does not stand before it" for one in question.when
                    if one.question not in seen)  # fmt: skip
        seen.add(question.id)
    yield from (f"{where}: there is no English text" for where, text in texts_of(form) if ENGLISH not in text)
