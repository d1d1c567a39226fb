"""Each import contract of pyproject.toml can fail. (`make check` runs them on the real tree.)"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("services", "shared", "deploy", "operations", "simulation", "bench", "tools")


LINTER = """
import contextlib, io, json, sys
from importlinter.cli import lint_imports

for _ in sys.stdin:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = lint_imports("pyproject.toml", no_cache=True, no_logo=True)
    print(json.dumps([status, said.getvalue()]), flush=True)
"""
"""The function of the command `lint-imports`, once for each line of its input. In one process, whose start takes longer than the rest."""

Lint = Callable[[], tuple[int, str]]


@pytest.fixture(scope="module")
def hollow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All our modules under the real contracts, empty except for the imports that the contracts allow explicitly."""
    folder = tmp_path_factory.mktemp("hollow")
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            copy = folder / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
    (folder / "shared/kernel/ids.py").write_text("import secrets, time")
    return folder


@pytest.fixture(scope="module")
def lint(hollow: Path) -> Iterator[Lint]:
    """`status, output = lint()`: of the modules as they are now."""
    env = {**os.environ, "PYTHONPATH": str(hollow), "COLUMNS": "200"}  # noqa: TID251 (of a child process)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", LINTER], cwd=hollow, env=env, text=True, **pipes) as linter:
        assert linter.stdin is not None
        assert linter.stdout is not None
        asked, answers = linter.stdin, linter.stdout

        def lint() -> tuple[int, str]:
            asked.write("\n")
            asked.flush()
            status, output = json.loads(answers.readline())
            return status, output

        yield lint


def test_contracts_hold_for_empty_modules(lint: Lint) -> None:
    """So that a contract that is reported broken below was broken by the one import."""
    status, output = lint()
    assert status == 0, output


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        ("Rooms", "shared/kernel/money.py", "import services.payments"),
        ("Rooms", "operations/client.py", "import bench.load"),
        ("Rooms", "operations/client.py", "import simulation.bank"),
        ("Rooms", "deploy/embedded/composition.py", "import simulation.bank"),
        ("verify looks from outside", "operations/verify/check.py", "import services.payments.settings"),
        ("Inside shared", "shared/kernel/money.py", "import shared.identity.actor"),
        ("Inside shared", "shared/web/app.py", "import shared.runtime.serve"),
        ("Inside shared", "shared/mail.py", ""),
        ("No service imports another", "services/payments/settings.py", "import services.vouchers.settings"),
        ("Inside a service", "services/payments/domain/__init__.py", "import services.payments.commands"),
        ("Inside a service", "services/payments/helpers.py", ""),
        ("Inside a service", "services/vouchers/tables/base.py", "import services.vouchers.deadlines"),
        ("Inside the deadlines", "services/vouchers/deadlines/queries/views.py", "import services.vouchers.deadlines.commands"),
        ("Inside the deadlines", "services/vouchers/deadlines/helpers.py", ""),
        ("Decisions know no I/O", "services/vouchers/deadlines/domain/calendar.py", "import random"),
        ("Workflows replay", "services/vouchers/deadlines/workflows/milestone.py", "import httpx"),
        ("Only commands, queries", "services/vouchers/deadlines/handlers.py", "import services.vouchers.deadlines.tables"),
        ("Decisions know no I/O", "services/payments/domain/__init__.py", "import random"),
        ("Workflows replay", "services/vouchers/workflows/__init__.py", "import httpx"),
        ("Only commands, queries", "services/payments/api/__init__.py", "import services.payments.tables"),
    ],
)
def test_each_contract_finds_a_forbidden_import(hollow: Path, lint: Lint, contract: str, module: str, line: str) -> None:
    path = hollow / module
    existed = path.exists()
    path.write_text(line)
    try:
        _, output = lint()
    finally:
        path.write_text("") if existed else path.unlink()
    assert any(row.startswith(contract) and "BROKEN" in row for row in output.splitlines()), output
