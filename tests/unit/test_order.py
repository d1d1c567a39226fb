"""How the tests are shared out among workers."""

import re

import pytest

from deploy.embedded.data_directory import REPOSITORY
from tests.support.order import LAST, LONGEST, next_of, rank, together

SLOW = re.compile(r"^(?:from|import) (?:cyclonedx|jsonschema|kubernetes_validate|schemathesis)\b|^(?!    ).*\bload_book\(\w", re.MULTILINE)
"""What takes long when a file of tests is imported: each worker imports all of them."""


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
        "tests/architecture/test_words.py",
        "tests/bank/test_a.py",
        "tests/unit/test_a.py",
    ]
    assert sorted((order[5], order[6], order[4], order[2], order[1], order[3], order[0]), key=rank) == order


@pytest.mark.parametrize(("waits", "taken"), [(True, "tests/portal/"), (False, "tests/integration/test_bank.py")])
def test_some_workers_wait_and_others_compute(waits: bool, taken: str) -> None:
    names = ["tests/portal/", "tests/e2e/test_demo.py::test_a", "tests/integration/test_bank.py", "tests/unit/test_a.py"]
    assert next_of(names, waits=waits) == taken
    assert next_of(names[:1], waits=waits) == names[0]
    assert next_of(names[2:], waits=waits) == names[2]


def test_what_is_slow_is_not_imported_by_every_worker() -> None:
    files = [path for folder in (*LAST, "tests/support/") for path in (REPOSITORY / folder).rglob("*.py")]
    found = {path.relative_to(REPOSITORY).as_posix(): SLOW.findall(path.read_text()) for path in files}
    assert {path: slow for path, slow in found.items() if slow} == {"tests/support/policies.py": ["BOOK = load_book(R"]}


def test_plugins_that_no_test_uses_are_not_loaded(pytestconfig: pytest.Config) -> None:
    loaded = {name for name, plugin in pytestconfig.pluginmanager.list_name_plugin() if plugin is not None}
    assert {"anyio", "schemathesis", "typeguard"} & loaded == set()
    assert {"asyncio", "hypothesispytest", "timeout", "xdist"} <= loaded
