"""What is wrong with a file of the regions, as it stands in its folder."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from services.applications.domain.core_answers import core_faults
from shared.kernel.errors import Refused
from shared.policy.call import load_call
from shared.policy.form import COMMON, ENGLISH, FormDefinition
from shared.policy.form_check import form_faults
from shared.policy.loader import (
    CALLS,
    CONTACT,
    DAYS_OFF,
    FORM,
    REGION,
    REPORT,
    LoadError,
    load_book,
    load_contact,
    load_form,
    load_policy,
    load_report,
    policy_files,
    read_toml,
)
from shared.policy.region import DaysOff, Region
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.policy.scheme_files import translation_faults
from shared.texts.languages import LANGUAGES


def faults_of(file: Path) -> list[str]:
    """One line per fault, '<file>: <place>: <reason>'; none for a sound file."""
    file = file.resolve()
    if file.name == REGION:
        return _of_region(file)
    if file.name == DAYS_OFF:
        return _of_days_off(file)
    if file.name.startswith(CONTACT):
        return _of_contact(file)
    folder = file.parents[1] if file.parent.name == COMMON else file.parents[2]
    try:
        if file.name.startswith(FORM):
            return [f"{file}: {fault}" for fault in _of_form(file, folder)]
        if file.name.startswith(REPORT):
            return [f"{file}: {fault}" for fault in form_faults(load_report(file), LANGUAGES)]
        if file.parent.name == CALLS:
            book = load_book(folder)
            call, _ = load_call(file, book)
            book.form_in_force(call.region, call.scheme, call.opens_at.date())
            return []
        return [f"{file}: {fault}" for fault in translation_faults(load_policy(file))]
    except (LoadError, Refused) as error:
        return str(error).splitlines()


def _of_region(file: Path) -> list[str]:
    try:
        names = read_toml(file, Region).names
    except LoadError as error:
        return str(error).splitlines()
    missing = set(LANGUAGES) - set(names)
    return [f"{file}: names: no text in {', '.join(sorted(missing))}"] if missing else []


def _of_days_off(file: Path) -> list[str]:
    try:
        read_toml(file, DaysOff)
    except LoadError as error:
        return str(error).splitlines()
    return []


def _of_contact(file: Path) -> list[str]:
    region = file.parent
    try:
        contact = load_contact(file)
        policies = [load_policy(path) for path in policy_files(region.parent) if path.parent.parent == region]
    except LoadError as error:
        return str(error).splitlines()
    languages = {language for policy in policies for language in policy.languages}
    missing = {"office": languages - set(contact.office), "hours": languages - set(contact.hours)}
    return [f"{file}: {name}: no text in {', '.join(sorted(found))}" for name, found in missing.items() if found]


def _of_form(file: Path, folder: Path) -> list[str]:
    form = load_form(file)
    try:
        book = load_book(folder)
    except LoadError:  # of another file of the folder; that one is checked by itself
        book = PolicyBook([])
    policies = tuple(one for one in _with(form, book) if form.scheme is None or (one.region, one.scheme) == (form.region, form.scheme))
    languages = set(LANGUAGES) if form.scheme is None else {ENGLISH, *(language for one in policies for language in one.languages)}
    return [*form_faults(form, languages), *core_faults(form, policies)]


def _with(form: FormDefinition, book: PolicyBook) -> Iterator[Policy]:
    """The policies that are in force on a day on which the form is: a call takes both by the day on which it opens."""
    until = _next(form.effective_from, (one.effective_from for one in book.forms if (one.region, one.scheme) == (form.region, form.scheme)))
    for policy in book.all():
        others = (one.effective_from for one in book.all() if (one.region, one.scheme) == (policy.region, policy.scheme))
        if policy.effective_from < until and form.effective_from < _next(policy.effective_from, others):
            yield policy


def _next(day: date, days: Iterable[date]) -> date:
    """The first one after the day."""
    return min((one for one in days if one > day), default=date.max)
