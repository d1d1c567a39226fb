"""The linter finds the banned calls. (`make check` runs it on the whole tree.)"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def ruff(*arguments: str, code: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ruff", "check", "--quiet", "--output-format", "concise", *arguments]
    return subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "call",
    [
        "from datetime import UTC, datetime\n\nnow = datetime.now(UTC)\n",
        "from datetime import date\n\ntoday = date.today()\n",
        "from uuid import uuid4\n\nidentity = uuid4()\n",
        "import os\n\nsecret = os.environ['SECRET']\n",
        "from unittest.mock import patch\n\nwith patch('shared.kernel.clock'):\n    pass\n",
    ],
)
def test_banned_call_is_found(call: str) -> None:
    found = ruff("--stdin-filename", "services/payments/commands/some_command.py", "-", code=call)
    assert "TID251" in found.stdout
