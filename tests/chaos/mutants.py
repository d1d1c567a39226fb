"""A test of the campaign: in a temporary copy of the repository one guard is switched off, and the campaign must find it.

`python -m tests.chaos.mutants [NAME ...]` prints how many rounds each guard needed. Exit status 1 if one was not found.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.data_directory import REPOSITORY

ROUNDS, SEED, SHOWN = 20, 5, 5


@dataclass(frozen=True)
class Mutant:
    """`guard` describes the guard. Replacing the text `was` by `now` in `file` switches it off."""

    name: str
    guard: str
    file: str
    was: str
    now: str


MUTANTS = (
    Mutant(
        "inbox",
        "a repeated event has no second effect",
        "shared/messaging/inbox.py",
        'new_ids = set(await session.scalars(RECORD_IDS, {"ids": sorted({delivery.id for delivery in batch})}))',
        "new_ids = {delivery.id for delivery in batch}",
    ),
    Mutant(
        "outbox-sweep",
        "the relay also finds events without a notification",
        "shared/messaging/relay.py",
        "await asyncio.wait_for(self.notified.wait(), self.sweep_seconds)",
        "await self.notified.wait()",
    ),
    Mutant(
        "conditional-reserve",
        "one statement reserves, and only available money",
        "services/payments/steps/ledger.py",
        ".where(col(EnvelopeRow.call_id) == call_id, left >= 0)",
        ".where(col(EnvelopeRow.call_id) == call_id)",
    ),
    Mutant(
        "idempotency-hash",
        "an idempotency key is valid for one request only",
        "shared/web/idempotency.py",
        "if row.input_hash != input_hash:",
        "if False:",
    ),
    Mutant(
        "batch-hash",
        "a bank file is identified by its bytes, not its name",
        "services/payments/jobs/incoming.py",
        "hashlib.sha256(data).hexdigest()",
        "hashlib.sha256(data + path.name.encode()).hexdigest()",
    ),
)


def rounds_needed(mutant: Mutant) -> int | None:
    """Returns how many rounds the campaign ran until it had findings, or None if it had none."""
    with _copy(mutant) as (python, folder):
        for number in range(ROUNDS):
            command = [
                str(python),
                "-m",
                "operations.cli.main",
                "chaos",
                "--rounds=1",
                f"--first={number}",
                f"--seed={SEED}",
                f"--folder={folder}",
            ]
            done = subprocess.run(command, cwd=python.parents[2], check=False, capture_output=True, text=True, timeout=900)
            report = folder / f"report-tansu-1-{SEED}-{number}.json"
            if not report.exists():
                raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
            [result] = json.loads(report.read_text())["rounds"]
            if result["findings"]:
                sys.stdout.write("".join(f"    {finding}\n" for finding in result["findings"][:SHOWN]))
                return number + 1
    return None


@contextmanager
def _copy(mutant: Mutant) -> Iterator[tuple[Path, Path]]:
    """Yields the interpreter of a copy of the repository without the guard, and a folder for platform and reports."""
    top = Path(tempfile.mkdtemp(prefix="triptych-mutant-"))
    copy, folder = top / "code", top / "chaos"
    try:
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.split("\0")
        for name in filter(None, tracked):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, copy / name)
        changed = copy / mutant.file
        text = changed.read_text()
        if text.count(mutant.was) != 1:
            raise RuntimeError(f"{mutant.file} does not contain the guard of {mutant.name} once: {mutant.was}")
        changed.write_text(text.replace(mutant.was, mutant.now))
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", copy / ".venv"], check=True)
        packages = next((copy / ".venv" / "lib").glob("python*/site-packages"))
        (packages / "mutant.pth").write_text(f"{copy}\n{sysconfig.get_path('purelib')}\n")  # the copy takes precedence over the original
        for program in Path(sysconfig.get_path("scripts")).iterdir():  # the servers that are installed as packages
            if not (copy / ".venv" / "bin" / program.name).exists():
                (copy / ".venv" / "bin" / program.name).symlink_to(program)
        folder.mkdir()
        yield copy / ".venv" / "bin" / "python", folder
    finally:
        shutil.rmtree(top, ignore_errors=True)


def main(names: list[str]) -> int:
    missed = 0
    for mutant in MUTANTS:
        if names and mutant.name not in names:
            continue
        sys.stdout.write(f"{mutant.name}: {mutant.guard}\n")
        rounds = rounds_needed(mutant)
        sys.stdout.write(f"    {f'found in round {rounds}' if rounds else f'not found in {ROUNDS} rounds'}\n")
        sys.stdout.flush()
        missed += rounds is None
    return missed


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
