"""How the tests are shared out among workers."""

import pytest

from deploy.embedded.data_directory import REPOSITORY
from tests.support.order import LAST, LONGEST, next_of, rank, together


@pytest.mark.parametrize("start", sorted({*LONGEST, *LAST}))
def test_names_of_the_order_exist(start: str) -> None:
    assert (REPOSITORY / start).exists()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("tests/portal/test_mail.py::test_a", "tests/portal/test_roles.py::test_b", True),
        ("tests/unit/test_mail.py::test_a", "tests/unit/test_mail.py::test_b[a::b]", True),
        ("tests/unit/test_mail.py::test_a", "tests/unit/test_roles.py::test_b", False),
        ("tests/e2e/test_demo.py::test_a[tansu]", "tests/e2e/test_demo.py::test_a[kafka]", False),
    ],
)
def test_worker_runs_together_what_shares_a_platform(one: str, other: str, same: bool) -> None:
    assert (together(one) == together(other)) is same


def test_longest_begin_first() -> None:
    order = [
        "tests/desks/test_officer.py::test_a",
        "tests/portal/test_mail.py::test_a",
        "tests/e2e/test_demo.py::test_a",
        "tests/integration/test_bank.py",
        "tests/unit/test_a.py",
    ]
    assert sorted((order[4], order[2], order[1], order[3], order[0]), key=rank) == order


@pytest.mark.parametrize(("waits", "taken"), [(True, "tests/portal/"), (False, "tests/integration/test_bank.py")])
def test_some_workers_wait_and_others_compute(waits: bool, taken: str) -> None:
    names = ["tests/portal/", "tests/e2e/test_demo.py::test_a", "tests/integration/test_bank.py", "tests/unit/test_a.py"]
    assert next_of(names, waits=waits) == taken
    assert next_of(names[:1], waits=waits) == names[0]
    assert next_of(names[2:], waits=waits) == names[2]
