"""One child process with a log file. It cannot outlive its parent, and it is stopped within a time limit."""

import contextlib
import math
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from deploy.embedded.linux import AdoptedChild, die_with_parent

_POLL_SECONDS, _WAIT_SECONDS = 0.05, 0.005
_LARGE_LOG_BYTES = 20_000_000


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
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name, self.command, self.log, self.env, self.cwd, self.user = name, list(command), log, env, cwd, user
        self.stop_signal, self.death_signal, self.pass_fds = stop_signal, death_signal, pass_fds
        self._child: subprocess.Popen[bytes] | AdoptedChild | None = None
        self._stop_requested = False

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def exit_code(self) -> int | None:
        """None while the process runs, and before it was started."""
        return self._child.poll() if self._child else None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self, launch: Callable[[IO[bytes]], AdoptedChild | None] = lambda _: None) -> None:
        """`launch`: starts it in another way, with its output to this file, or returns None."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._stop_requested = False
        _rotate_if_large(self.log)
        with self.log.open("ab") as output:
            self._child = launch(output) or self._run_command(output)

    def _run_command(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command,
            env=None if self.env is None else dict(self.env),
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(die_with_parent, self.death_signal, os.getpid()),  # noqa: PLW1509 (two system calls, no lock taken)
            pass_fds=self.pass_fds,
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
        if self._child is not None and not self._stop_requested:
            self._child.send_signal(self.stop_signal)
            self._stop_requested = True

    def stop(self, timeout: float = 10) -> None:
        """Requests the stop, waits up to `timeout` seconds, then kills the process and all that it started. May be repeated."""
        if self._child is None:
            return
        if self.running:
            self.request_stop()
            self.wait(timeout)
        self._kill_group()
        self.wait()

    def wait(self, timeout: float = math.inf) -> None:
        """Returns when it has ended, or after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.running and time.monotonic() < deadline:
            time.sleep(_WAIT_SECONDS)

    def _kill_group(self) -> None:
        """The session is also a process group: this ends the processes that the command forked and left running."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL) if self._child else None


def _rotate_if_large(log: Path) -> None:
    """Keeps one earlier log beside the present one, so that a platform that runs for years does not fill the disk."""
    if log.exists() and log.stat().st_size > _LARGE_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def log_tail(log: Path, lines: int = 15) -> str:
    """Returns the last lines of a log under a heading, for an error message."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return f"The end of {log}:\n" + "\n".join(text.splitlines()[-lines:])
