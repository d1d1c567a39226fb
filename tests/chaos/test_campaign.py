"""A small fixed campaign on each broker, started with the command line, on a platform of its own."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.mark.timeout(1_500)
@pytest.mark.parametrize("broker", BrokerKind)
def test_campaign_few_rounds_have_no_findings(folder: Path, broker: BrokerKind) -> None:
    """Each run has no findings. One in which nobody has applied proves nothing: on a machine that was too slow for a minute the calls
    close before. It is played again."""
    if broker is BrokerKind.KAFKA:
        skip_without_apache_kafka()
    rounds = played(folder / "first", broker)
    if any(not result["counts"]["applications submitted"] for result in rounds):
        rounds = played(folder / "again", broker)
    assert all(result["counts"]["applications submitted"] > 0 for result in rounds)
    assert all(any(name.startswith("vouchers ") for name in result["counts"]) for result in rounds), "rules and forms go together"
    assert all(len(result["banks"]) == 2 for result in rounds)


def played(folder: Path, broker: BrokerKind) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "operations.cli.command", "chaos", f"--rounds={ROUNDS}", f"--seed={SEED}", f"--broker={broker}"]
    done = subprocess.run([*command, f"--folder={folder}"], cwd=REPOSITORY, capture_output=True, check=False, text=True, timeout=840)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    rounds: list[dict[str, Any]] = json.loads((folder / f"report-{broker}-1-{SEED}-0.json").read_text())["rounds"]
    assert len(rounds) == ROUNDS
    assert all(fault["detail"] for result in rounds for fault in result["injected"])
    return rounds
