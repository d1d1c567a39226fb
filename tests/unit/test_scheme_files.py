"""A policy or a form that is added while the platform runs: what is wrong with it, what it changes, and how a process learns it."""

from copy import copy
from datetime import date

import pytest

from services.applications.domain.scheme_files import publication_faults
from shared.kernel.errors import NotFound
from shared.policy.form import FormDefinition
from shared.policy.loader import LoadError, load_form, load_policy
from shared.policy.resolver import PolicyBook
from shared.policy.scheme_files import SchemeFileKind, before, differences, place_of, read_scheme_file
from tests.support.policies import BOOK, REGIONS
from tests.support.scheme_files import PLACE, later_file

TODAY, FIRST = date(2026, 3, 1), date(2026, 6, 1)
POLICY, FORM = SchemeFileKind.POLICY, SchemeFileKind.FORM
WITHIN = ("[claims]\nwithin = { value = 30,", "[claims]\nwithin = { value = 45,")


@pytest.fixture
def book() -> PolicyBook:
    """One that may learn: the content is shared, what it learns is its own."""
    return copy(BOOK)


def test_text_is_what_the_file_would_be(book: PolicyBook) -> None:
    for kind, name, load in ((POLICY, "2025-12-01", load_policy), (FORM, "form-2025-12-01", load_form)):
        path = REGIONS / PLACE / f"{name}.toml"
        read = read_scheme_file(kind, path.read_text(), book.cores)
        assert read.id == load(path).id
        assert place_of(read) == f"{PLACE}/{name}.toml"
        assert (book.knows(read), book.learn(read)) == (True, False)


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        (POLICY, "a = ", "Invalid value"),
        (POLICY, "a = 1", "region: "),
        (POLICY, later_file(FIRST, ("[claims]\nwithin = { value = 30,", "[claims]\nwithin = { value = true,")), "claims.within.value: "),
        (FORM, "a = 1", "region: "),
        (FORM, later_file(FIRST, ("scheme = ", "# scheme = "), name="form-2025-12-01"), "scheme: "),
        (FORM, later_file(FIRST, ("\nextends = 20", "\nextends = 21"), name="form-2025-12-01"), "extends: "),
    ],
)
def test_file_with_a_fault_is_not_read(book: PolicyBook, kind: SchemeFileKind, text: str, fault: str) -> None:
    with pytest.raises(LoadError) as refused:
        read_scheme_file(kind, text, book.cores)
    assert any(line.startswith(f"{kind}: {fault}") for line in str(refused.value).splitlines()), str(refused.value)


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        (POLICY, later_file(FIRST), None),
        (POLICY, later_file(TODAY), None),
        (POLICY, later_file(date(2026, 2, 28)), "effective_from: 2026-02-28 has passed"),
        (POLICY, later_file(date(2026, 12, 1)), "effective_from: a file of this kind"),
        (POLICY, later_file(FIRST, ('region = "hr-koprivnica"', 'region = "hr-split"')), "region: there is no region hr-split"),
        (POLICY, later_file(FIRST, ("HR2199999981000000013", "HR1210010051863000160")), "bank: "),
        (POLICY, later_file(FIRST, ("above_minor = 500_000", "above_minor = 900_000")), "approvals: "),
        (POLICY, later_file(FIRST, ('scheme = "digital-voucher"', 'scheme = "another"')), None),
        (FORM, later_file(FIRST, name="form-2025-12-01"), None),
        (FORM, later_file(FIRST, ('scheme = "digital-voucher"', 'scheme = "another"'), name="form-2025-12-01"), "scheme: "),
    ],
)
def test_only_a_file_that_fits_is_published(book: PolicyBook, kind: SchemeFileKind, text: str, fault: str | None) -> None:
    faults = list(publication_faults(read_scheme_file(kind, text, book.cores), book, TODAY))
    assert (faults == []) if fault is None else any(one.startswith(fault) for one in faults), faults


def test_process_learns_once_and_forgets_nothing(book: PolicyBook) -> None:
    pinned = book.resolve(*PLACE.split("/"), TODAY)
    found = read_scheme_file(POLICY, later_file(FIRST, WITHIN), book.cores)
    with pytest.raises(NotFound):
        book.get(found.id)
    assert [book.learn(found), book.learn(found)] == [True, False]
    assert (book.get(found.id).claims.claim_window.value, book.get(pinned.id)) == (45, pinned)
    assert [book.resolve(*PLACE.split("/"), day).id for day in (TODAY, FIRST)] == [pinned.id, found.id]
    with pytest.raises(ValueError, match="holds from"):
        book.learn(read_scheme_file(POLICY, later_file(FIRST), book.cores))
    form = read_scheme_file(FORM, later_file(FIRST, name="form-2025-12-01"), book.cores)
    assert isinstance(form, FormDefinition)
    assert [book.learn(form), book.learn(form)] == [True, False]
    assert book.form_in_force(*PLACE.split("/"), FIRST) == book.form(form.id) == form
    with pytest.raises(ValueError, match="holds from"):
        book.learn(
            read_scheme_file(FORM, later_file(FIRST, ('options = ["hr", "en"]', 'options = ["hr"]'), name="form-2025-12-01"), book.cores)
        )


def test_difference_names_each_value_by_its_place(book: PolicyBook) -> None:
    new = read_scheme_file(POLICY, later_file(FIRST, WITHIN, ('id = "sme-size"', 'id = "small-firm"')), book.cores)
    old = before(new, book)
    assert old is not None
    found = {one.place: (one.before, one.after) for one in differences(old, new)}
    assert found["claims.within.value"] == ("30", "45")
    assert found["effective_from"] == (str(old.effective_from), str(FIRST))
    renamed = {place.split(".")[2] for place in found if place.startswith("eligibility.rules.")}
    assert renamed == {"sme-size", "small-firm"}
    assert differences(old, old) == []
    assert {one.before for one in differences(None, new)} == {None}
