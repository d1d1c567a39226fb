"""The whole platform, from its start to the last payment of a few cases, as a person at the command line sees it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.home import REPOSITORY

SEED = "quick-7814"
"""With this seed everybody of the first rows of the region accepts soon and claims all within a month."""


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="triptych-demo-"))
    yield folder
    triptych(folder, "down")
    shutil.rmtree(folder, ignore_errors=True)


def triptych(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Ended, whatever it returned; the clock runs at one second a day."""
    environment = {**os.environ, "TRIPTYCH_HOME": str(home), "TRIPTYCH_DAY_SECONDS": "1"}  # noqa: TID251 (of a child process)
    command = [sys.executable, "-m", "deploy.cli.main", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=540)


@pytest.mark.timeout(600)
def test_a_few_cases_go_from_the_call_to_the_reconciled_payment_and_one_tells_its_story(home: Path) -> None:
    played = triptych(home, "demo", "--region", "hr-koprivnica", "--rows", "9", "--seed", SEED, "--exit")
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr
    assert "every payment reconciled" in played.stdout
    assert "duplicate-application" in played.stdout

    code = re.search(r"triptych cases show '?(KPR-[^'\s]+)", played.stdout)
    assert code is not None
    story = json.loads(triptych(home, "cases", "show", code[1], "--json").stdout)
    names = [event["type"].split(".")[1] for event in story["events"]]
    awaited = [
        "ApplicationSubmitted",
        "AwardGranted",
        "FundsReserved",
        "VoucherOffered",
        "VoucherIssued",
        "ClaimLodged",
        "DisbursementPaid",
    ]
    assert [names.index(name) for name in awaited] == sorted(names.index(name) for name in awaited)
    assert story["lifecycle"]["stage"] == "closed"
    assert triptych(home, "cases", "show", "no-such-thing").returncode == 1
