"""A child process: its log, its end, and the error when it does not start."""

import sys
import time
from pathlib import Path

import pytest

from deploy.embedded import process
from deploy.embedded.process import Process, ProcessFailed


def python(code: str, log: Path) -> Process:
    return Process("probe", [sys.executable, "-c", code], log)


def test_early_end_is_reported_with_the_end_of_the_log(tmp_path: Path) -> None:
    child = python("raise SystemExit('no room')", tmp_path / "probe.log")
    child.start()
    with pytest.raises(ProcessFailed, match="no room"):
        child.wait_until(lambda: False, timeout=10)


def test_process_not_ready_in_time_is_reported(tmp_path: Path) -> None:
    child = python("import time; time.sleep(60)", tmp_path / "probe.log")
    child.start()
    with pytest.raises(ProcessFailed, match=r"was not ready within 0\.2 s"):
        child.wait_until(lambda: False, timeout=0.2)
    started = time.monotonic()
    child.stop()
    child.stop()  # may be repeated
    assert not child.running
    assert time.monotonic() - started < 5


def test_large_log_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_LARGE_LOG_BYTES", 10)
    log = tmp_path / "probe.log"
    log.write_text("of an earlier run")
    child = python("print('new')", log)
    child.start()
    child.wait_until(lambda: "new" in log.read_text(), timeout=10)
    child.stop()
    assert (tmp_path / "probe.log.1").read_text().startswith("of an earlier")
