"""What is wrong with a form although it loads: what its author has to know before a call opens with it."""

from collections.abc import Collection, Iterator, Mapping

from shared.policy.answers import options_of
from shared.policy.form import Condition, FormDefinition, Question, texts_of


def form_faults(form: FormDefinition, languages: Collection[str]) -> list[str]:
    """One line per fault: questions that nobody can reach, texts that are missing in one of the `languages` (English stands in)."""
    missing = [
        f"{where}: no text in {', '.join(sorted(set(languages) - set(text)))}"
        for where, text in texts_of(form)
        if set(languages) - set(text)
    ]
    return [*unreachable(form), *missing]


def unreachable(form: FormDefinition) -> Iterator[str]:
    """Questions that are never asked: a condition wants what the answer cannot be, or two contradict each other, or the question that it
    is about is never asked itself."""
    never: set[str] = set()
    for question in form.questions:
        reason = next((why for one in question.when if (why := _never_holds(form.by_id[one.question], one, never))), None)
        reason = reason or _contradiction(question, form.by_id)
        if reason:
            never.add(question.id)
            yield f"{question.id}: is never asked: {reason}"


def _never_holds(about: Question, condition: Condition, never: Collection[str]) -> str | None:
    if about.id in never:
        return None if condition.answered is False else f"{about.id} is never asked"
    if condition.answered is False and about.required and not about.when:
        return f"{about.id} is always answered"
    possible = _values_of(about)
    if condition.wanted and possible is not None and not set(condition.wanted) & possible:
        return f"{about.id} is never {' or '.join(map(str, condition.wanted))}"
    return None


def _values_of(question: Question) -> set[str | int | bool] | None:
    """The values that an answer may have; None when they are not listed."""
    if question.answer.type in ("yes-no", "declaration"):
        return {True, False}
    return {option.value for option in options_of(question.answer)} or None


def _contradiction(question: Question, about: Mapping[str, Question]) -> str | None:
    """Two conditions on an answer of one value that have no value in common, or one that wants it missing and another a value."""
    for name in {one.question for one in question.when}:
        of = [one for one in question.when if one.question == name]
        wanted = [set(one.wanted) for one in of if one.wanted]
        if any(one.answered is False for one in of) and (wanted or any(one.answered for one in of)):
            return f"{name} is to be answered and not answered"
        if len(wanted) > 1 and about[name].answer.type not in ("choices", "texts") and not set.intersection(*wanted):
            return f"{name} is to be several things at once"
    return None
