"""A backup under load, more work, the loss of the whole data directory, a restore, and every case to its end.

The bank is not rolled back. It keeps its book and its files, and answers payments of the recovery gap.
"""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer

import psutil
import pytest

from deploy.embedded import daemon
from simulation.bank.kinds import write_kinds
from tests.e2e.conftest import Platform, counted, until

DEMO = ("demo", "--region", "pl-malopolska", "--region", "dk-kolding", "--rows", "9", "--seed", "quick-7814")

KINDS = {"PL18999999990000000000012345": "not-provided", "DK8199990000012345": "three-messages"}
"""One bank gives the id of the payment alone; the other one says a booking three times, each under a reference of its own."""
SECONDS_OF_LOAD = 4


def files_out(platform: Platform) -> int:
    return len(list(platform.data.bank_outgoing.glob("*.xml")))


@contextmanager
def stopped_after(demo: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """So that a slow machine does not play the demonstration to its end meanwhile: then no gap would be left."""
    stop = Timer(seconds, demo.send_signal, [signal.SIGSTOP])
    stop.start()
    try:
        yield
    finally:
        stop.cancel()
        stop.join()  # it may just be stopping the demonstration
        demo.send_signal(signal.SIGCONT)


def destroy(platform: Platform) -> None:
    """Kills every process at once and deletes the data directory, except the bank's side and the anchors: both are outside."""
    status = daemon.platform_status(platform.data)
    assert status is not None
    supervisor = psutil.Process(status.supervisor.pid)
    processes = [supervisor, *supervisor.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, 30)
    for path in platform.root.iterdir():
        if path.name not in ("bank", "anchors"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.timeout(1500)
def test_payments_of_the_recovery_gap_are_not_paid_twice(platform: Platform) -> None:
    backup, identity, keys = (platform.root.with_name(f"{platform.root.name}-{name}") for name in ("backup", "identity", "keys"))
    write_kinds(platform.data.bank_kinds, KINDS)
    demo = platform.start(*DEMO)
    try:
        until(lambda: files_out(platform) > 0, demo)  # nearly every offer is answered by then, and most claims are still to come
        with stopped_after(demo, 0):
            assert platform.triptych("keys", "backup", str(identity)).returncode == 0
        recipient = identity.read_text().split()[2]
        with stopped_after(demo, SECONDS_OF_LOAD):
            taken = platform.triptych("backup", str(backup), "--recipient", recipient)
        assert taken.returncode == 0, taken.stdout + taken.stderr
        known = asyncio.run(counted(platform, "payments", "SELECT count(*) FROM batches"))  # the copy is of the moment when it ends
        until(lambda: files_out(platform) > known, demo)
        time.sleep(3)  # so that the bank has begun to answer
    except AssertionError:
        sys.stdout.write(platform.interrupted_log.read_text())
        raise
    finally:
        demo.send_signal(signal.SIGKILL)
        demo.wait(30)
    shutil.copy(platform.data.master_keys, keys)
    destroy(platform)

    restored = platform.triptych("restore", str(backup), "--identity", str(identity), "--master-keys", str(keys))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert platform.triptych("up").returncode == 0
    found = asyncio.run(counted(platform, "payments", "SELECT count(*) FROM orphan_orders"))
    assert found > 0
    until(lambda: not list(platform.data.bank_incoming.glob("*.xml")))
    released = platform.triptych("payments", "release", "--outgoing-complete")
    assert released.returncode == 0, released.stdout + released.stderr

    again = platform.triptych(*DEMO, "--exit")
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr
    assert "There are no orphan orders" in platform.triptych("payments", "orphans").stdout
    verified = platform.triptych("verify", "--json")
    assert json.loads(verified.stdout)["ok"] is True, verified.stdout
    assert "restored from a backup" in verified.stdout
    shutil.rmtree(backup)
    identity.unlink()
    keys.unlink()
