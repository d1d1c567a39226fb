"""Whether a policy or a form may be published: the checks of the files, and whether forms and rules fit each other."""

from collections.abc import Iterator
from datetime import date

from services.applications.domain.core_answers import core_faults
from shared.kernel.errors import NotFound
from shared.policy.form import FormDefinition
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.policy.scheme_files import SchemeFile, faults_in, policies_of


def publication_faults(found: SchemeFile, book: PolicyBook, today: date) -> Iterator[str]:
    """One line per fault, '<field>: <reason>'. A call takes policy and form by the day on which it opens, so a form has to fit the policies
    that hold while it does, and a policy the form of its first day."""
    yield from faults_in(found, book, today)
    if isinstance(found, Policy):
        try:
            form = book.form_in_force(found.region, found.scheme, found.effective_from)
        except NotFound:
            yield "effective_from: no form is in force on this day"
            return
        yield from core_faults(form, [found])
        return
    yield from core_faults(found, _while_in_force(found, book))


def _while_in_force(form: FormDefinition, book: PolicyBook) -> list[Policy]:
    """The policy that holds on the first day of the form, and those after it, until the scheme's next form."""
    first, policies = form.effective_from, policies_of(book, form.region, form.scheme)
    later = [
        one.effective_from for one in book.forms if (one.region, one.scheme) == (form.region, form.scheme) and one.effective_from > first
    ]
    until = min(later, default=date.max)
    earlier = [one for one in policies if one.effective_from <= first]
    return [*earlier[-1:], *(one for one in policies if first < one.effective_from < until)]
