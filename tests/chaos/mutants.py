"""A test of the campaign: in a temporary copy of the repository one guard is switched off, and the campaign must find it.

`python -m tests.chaos.mutants [NAME ...]` prints how many rounds each guard needed. Exit status 1 if one was not found.
"""

import json
import subprocess
import sys

from tests.support.mutants import Mutant, copy_without, count_missed

ROUNDS, SEED, SHOWN = 20, 5, 5


MUTANTS = (
    Mutant(
        "inbox",
        "a repeated event has no second effect",
        "shared/messaging/inbox.py",
        'new_ids = set(await session.scalars(RECORD_IDS, {"ids": sorted(set(ids))}))',
        "new_ids = set(ids)",
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
    with copy_without(mutant) as (python, folder):
        for number in range(ROUNDS):
            command = [
                str(python),
                "-m",
                "operations.cli.command",
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


def is_found(mutant: Mutant) -> bool:
    rounds = rounds_needed(mutant)
    sys.stdout.write(f"    {f'found in round {rounds}' if rounds else f'not found in {ROUNDS} rounds'}\n")
    return rounds is not None


if __name__ == "__main__":
    sys.exit(min(1, count_missed(MUTANTS, sys.argv[1:], is_found)))
