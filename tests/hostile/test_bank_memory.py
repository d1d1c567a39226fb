"""A bank file of any size uses a bounded amount of memory, and is refused or imported like any other."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.conftest import FreshDatabase
from tests.hostile.bank_memory import CASES, MOST_LEFT_MB

MOST_MB = 300
"""Above the idle process: the largest file that is read, its tree and its lines. Measured are up to 200."""


@pytest.mark.timeout(600)
async def test_bank_file_uses_bounded_memory(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.hostile.bank_memory", await fresh_database("payments"), str(tmp_path / "incoming")]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2])
    out, _ = await process.communicate()
    found = {each["name"]: each for line in out.decode().splitlines() if line.startswith("{") for each in [json.loads(line)]}
    assert found.keys() == {"warm up", *CASES}, out.decode()[-2000:]
    assert {name: found[name]["reason"] for name in CASES} == {name: reason for name, (_, reason) in CASES.items()}
    assert {name: each["more_mb"] for name, each in found.items() if each["more_mb"] > MOST_MB} == {}
    assert {name: each["left_mb"] for name, each in found.items() if each["left_mb"] > MOST_LEFT_MB} == {}
    assert found["20,000 statuses"]["more_mb"] < 60, "the lines are held until the end"
