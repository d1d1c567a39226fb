"""One child process with a log file. It cannot outlive its parent, and it is stopped within a time limit."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_POLL_SECONDS = 0.05
_PR_SET_PDEATHSIG = 1
_LARGE_LOG_BYTES = 20_000_000
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ProcessFailed(Exception):
    """A process ended, or did not become ready in time. The text contains the end of its log."""


class Process:
    """A command with its environment and log.

    Start it from a thread that lives as long as the process should: Linux sends the death signal when the starting
    *thread* ends. The child gets its own session, so a Ctrl-C in the terminal reaches only the parent, which then
    stops its children in order.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.name, self.command, self.log, self.env, self.cwd, self.user = name, list(command), log, env, cwd, user
        self.stop_signal, self.death_signal = stop_signal, death_signal
        self._popen: subprocess.Popen[bytes] | None = None
        self._stop_requested = False

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def exit_code(self) -> int | None:
        """None while the process runs, and before it was started."""
        return self._popen.poll() if self._popen else None

    @property
    def running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._stop_requested = False
        _rotate_if_large(self.log)
        with self.log.open("ab") as output:
            self._popen = subprocess.Popen(
                self.command,
                env=None if self.env is None else dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(self.death_signal, os.getpid()),  # noqa: PLW1509 (two system calls, no lock taken)
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )

    def wait_until(self, ready: Callable[[], bool], timeout: float) -> None:
        """Returns once `ready()` is true. Raises `ProcessFailed` when the process ends first or after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.running:
                raise ProcessFailed(f"{self.name} ended with status {self.exit_code}.\n{log_tail(self.log)}")
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{self.name} was not ready within {timeout:g} s.\n{log_tail(self.log)}")
            time.sleep(_POLL_SECONDS)

    def request_stop(self) -> None:
        """Sends the stop signal, once only: some programs end without cleaning up at a second signal."""
        if self._popen is not None and not self._stop_requested:
            self._popen.send_signal(self.stop_signal)
            self._stop_requested = True

    def stop(self, timeout: float = 10) -> None:
        """Requests the stop, waits up to `timeout` seconds, then kills the process and all that it started. May be repeated."""
        if self._popen is None:
            return
        if self.running:
            self.request_stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(timeout)
        self._kill_group()
        self._popen.wait()

    def _kill_group(self) -> None:
        """The session is also a process group: this ends the processes that the command forked and left running."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL) if self._popen else None


def _rotate_if_large(log: Path) -> None:
    """Keeps one earlier log beside the present one, so that a platform that runs for years does not fill the disk."""
    if log.exists() and log.stat().st_size > _LARGE_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def log_tail(log: Path, lines: int = 15) -> str:
    """Returns the last lines of a log under a heading, for an error message."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return f"The end of {log}:\n" + "\n".join(text.splitlines()[-lines:])


def _die_with_parent(death_signal: signal.Signals, parent: int) -> Callable[[], None] | None:
    """Returns what the child runs between fork and exec: from then on the kernel ends it when the parent dies, however that dies."""
    if _LIBC is None:
        return None

    def request_death_signal() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the request took effect
            os._exit(1)

    return request_death_signal
