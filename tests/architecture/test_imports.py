"""Each import contract of pyproject.toml can fail. (`make check` runs them on the real tree.)"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("services", "shared", "deploy", "operations", "simulation", "bench", "tools")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", str(folder / "pyproject.toml")]
    env = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}  # noqa: TID251 (of a child process)
    return subprocess.run(command, cwd=folder, env=env, check=False, capture_output=True, text=True, timeout=60)


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


def test_contracts_hold_for_empty_modules(hollow: Path) -> None:
    """So that a contract that is reported broken below was broken by the one import."""
    done = lint(hollow)
    assert done.returncode == 0, done.stdout


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
def test_each_contract_finds_a_forbidden_import(hollow: Path, contract: str, module: str, line: str) -> None:
    path = hollow / module
    existed = path.exists()
    path.write_text(line)
    try:
        output = lint(hollow).stdout
    finally:
        path.write_text("") if existed else path.unlink()
    assert any(row.startswith(contract) and "BROKEN" in row for row in output.splitlines()), output
