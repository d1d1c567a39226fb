"""A small fixed campaign on each broker: the command that people use, on a platform of its own."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.home import REPOSITORY
from shared.messaging.profile import BrokerKind
from tests.support.apache_kafka import skip_without_apache_kafka

ROUNDS, SEED = 2, 4


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: that is closed to the account that PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="triptych-chaos-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("broker", BrokerKind)
def test_the_invariants_hold_through_a_few_rounds_of_faults(folder: Path, broker: BrokerKind) -> None:
    if broker is BrokerKind.KAFKA:
        skip_without_apache_kafka()
    command = [sys.executable, "-m", "operations.cli.main", "chaos", f"--rounds={ROUNDS}", f"--seed={SEED}", f"--broker={broker}"]
    done = subprocess.run([*command, f"--folder={folder}"], cwd=REPOSITORY, capture_output=True, check=False, text=True, timeout=840)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    rounds = json.loads((folder / f"report-{broker}-1-{SEED}-0.json").read_text())["rounds"]
    assert len(rounds) == ROUNDS
    assert all(strike["what"] for outcome in rounds for strike in outcome["struck"])
    assert all(outcome["seen"]["handed in"] > 0 for outcome in rounds)
