"""A small fixed campaign on each broker, started with the command line, on a platform of its own."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.data_directory import REPOSITORY
from shared.messaging.profile import BrokerKind
from tests.support.apache_kafka import skip_without_apache_kafka

ROUNDS, SEED = 1, 4


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's `tmp_path`: the account that PostgreSQL runs as cannot open it."""
    folder = Path(tempfile.mkdtemp(prefix="triptych-chaos-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("broker", BrokerKind)
def test_campaign_few_rounds_have_no_findings(folder: Path, broker: BrokerKind) -> None:
    if broker is BrokerKind.KAFKA:
        skip_without_apache_kafka()
    command = [sys.executable, "-m", "operations.cli.command", "chaos", f"--rounds={ROUNDS}", f"--seed={SEED}", f"--broker={broker}"]
    done = subprocess.run([*command, f"--folder={folder}"], cwd=REPOSITORY, capture_output=True, check=False, text=True, timeout=840)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    rounds = json.loads((folder / f"report-{broker}-1-{SEED}-0.json").read_text())["rounds"]
    assert len(rounds) == ROUNDS
    assert all(fault["detail"] for result in rounds for fault in result["injected"])
    assert all(result["counts"]["applications submitted"] > 0 for result in rounds)
    assert all(any(name.startswith("vouchers ") for name in result["counts"]) for result in rounds), "rules and forms go together"
    assert all(len(result["banks"]) == 2 for result in rounds)
