"""Starts the steps of a platform in order, restarts its processes when they end, and stops them in the opposite order.

A process that ends is restarted after a delay that grows with each failure. When the supervisor itself dies, for whatever reason,
the kernel ends its children (see process.py); the status file lets the next supervisor remove any that are left.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.linux import adopt_orphans, collect_orphans
from deploy.embedded.process import ProcessFailed
from deploy.embedded.process_status import Phase, PlatformStatus, ProcessHandle, ProcessStatus
from deploy.embedded.servers import READY_SECONDS, Server

STOP_SECONDS = 15
POLL_SECONDS = 0.1
RESTART_DELAYS = (0.5, 1, 2, 5, 10, 30)
START_ATTEMPTS = 5
"""How often a start attempts a step that depends on earlier ones. Those can fail and recover between two checks: PostgreSQL ends
every session when one of its processes is killed, and a connection can be cut."""
STABLE_SECONDS = 60
"""A process that ran for this long is restarted with the shortest delay again."""


class AlreadyRunning(Exception):
    """Another supervisor runs in this data directory."""


class _StopRequested(Exception):
    """The supervisor received a signal to stop."""


@dataclass(frozen=True)
class Servers:
    """Servers that start in parallel. `awaited`: whether this step waits until they are ready; a later one with the same servers does."""

    servers: tuple[Server, ...]
    awaited: bool = True


@dataclass(frozen=True)
class Task:
    """An action between two groups of servers."""

    name: str
    run: Callable[[], None]


Step = Servers | Task


@dataclass
class _Supervised:
    server: Server
    status: ProcessStatus
    started_at: float = 0
    restart_at: float = 0
    failures: int = 0


class Supervisor:
    """`report` receives one line for each event, for the supervisor's log."""

    def __init__(self, steps: Sequence[Step], data: DataDirectory, report: Callable[[str], None] = print) -> None:
        self.steps, self.data, self.report = steps, data, report
        servers = [server for step in steps if isinstance(step, Servers) for server in step.servers]
        self._supervised = {
            each.name: _Supervised(each, ProcessStatus(name=each.name, port=each.port, parts=dict(each.parts))) for each in servers
        }
        self.status = PlatformStatus(supervisor=ProcessHandle.mine(), processes=[each.status for each in self._supervised.values()])
        self._started: list[_Supervised] = []
        self._stop_requested = False

    def run(self) -> None:
        """Returns after a stop was requested (SIGTERM, SIGINT, SIGHUP) and every process has ended. Call it on the main thread.

        Raises `ProcessFailed` when a process does not start. The caller holds `exclusive` for the data directory.
        """
        with self._stopping_on_signals():
            adopt_orphans(True)  # those that the launcher forks, and what a server that was killed leaves
            try:
                self._start_all()
                self._supervise()
            except _StopRequested:
                pass
            except Exception as error:
                self.status.error = str(error)
                raise
            finally:
                self._stop_all()
                adopt_orphans(False)

    def _start_all(self) -> None:
        for step in self.steps:
            if isinstance(step, Servers):
                self._start_servers([self._supervised[server.name] for server in step.servers], awaited=step.awaited)
            else:
                self._write_status(current_step=step.name)
                self._run_task(step)
            self._raise_if_stop_requested()
        self._write_status(phase=Phase.READY, current_step="")
        self.report("ready")

    def _start_servers(self, group: list[_Supervised], *, awaited: bool) -> None:
        self._write_status(current_step=", ".join(each.server.name for each in group))
        for each in group:
            if each.status.state == "waiting":
                self._launch(each)
        if not awaited:
            return
        waiting, deadline, disturbed = list(group), time.monotonic() + READY_SECONDS, False
        while waiting:
            if self._earlier_steps_disturbed():
                disturbed, deadline = True, time.monotonic() + READY_SECONDS
            waiting = [each for each in waiting if not self._became_ready(each, disturbed=disturbed)]
            if waiting and time.monotonic() > deadline:
                raise ProcessFailed(f"{waiting[0].server.name} was not ready within {READY_SECONDS} s.\n{waiting[0].server.log_tail()}")
            self._raise_if_stop_requested()
            if waiting:
                time.sleep(POLL_SECONDS)
        self._started += [each for each in group if not each.server.optional]

    def _run_task(self, task: Task) -> None:
        """Repeats a task that fails once the servers of earlier steps are ready. Raises the task's error after START_ATTEMPTS failures
        that happened while those servers were ready."""
        failures = 0
        while True:
            delay = 0.0
            try:
                return task.run()
            except Exception as error:
                if not self._earlier_steps_disturbed():
                    failures += 1
                    if failures == START_ATTEMPTS or not self._started:
                        raise
                    delay = RESTART_DELAYS[failures - 1]
                    self.report(f"{task.name}: {type(error).__name__}; retry in {delay:g} s")
            retry_at = time.monotonic() + delay
            while self._earlier_steps_disturbed() or time.monotonic() < retry_at:
                self._raise_if_stop_requested()
                time.sleep(POLL_SECONDS)

    def _earlier_steps_disturbed(self) -> bool:
        """Checks the servers of earlier steps and restarts those that ended. Returns True while one of them is not ready."""
        for each in self._started:
            self._check(each)
        return any(each.status.state != "ready" for each in self._started)

    def _launch(self, each: _Supervised) -> None:
        each.server.start()
        each.started_at = time.monotonic()
        each.status.state, each.status.handle = "starting", ProcessHandle.of(each.server.pid or 0)
        self._write_status()
        if each.server.notice:
            self.report(f"{each.server.name} {each.server.notice}")

    def _became_ready(self, each: _Supervised, *, disturbed: bool) -> bool:
        """Returns False while the server starts. Raises `ProcessFailed` when it ended by itself too often. An optional one that ended is
        not waited for.

        A server that was killed, or whose earlier steps were not ready meanwhile (`disturbed`), is restarted without that limit.
        """
        server = each.server
        attempts_left = server.optional or (bool(self._started) and each.failures < START_ATTEMPTS - 1)
        if not (server.running or disturbed or attempts_left or each.status.state == "restarting" or _was_killed(server)):
            raise ProcessFailed(f"{server.name} ended while it started.\n{server.log_tail()}")
        self._check(each)
        return each.status.state == "ready" or (server.optional and each.failures > 0)

    def _supervise(self) -> None:
        while not self._stop_requested:
            time.sleep(POLL_SECONDS)
            for each in self._supervised.values():
                self._check(each)
            collect_orphans({each.server.pid for each in self._supervised.values()})

    def _check(self, each: _Supervised) -> None:
        """Moves one server to its next state: restarts it when the delay is over, notes that it ended or became ready."""
        now, state = time.monotonic(), each.status.state
        if state == "restarting":
            if now >= each.restart_at:
                each.status.restarts += 1
                self._restart(each)
        elif not each.server.running:
            each.server.stop()  # ends the processes that it forked and left running
            self._schedule_restart(each, f"ended with status {each.server.exit_code}")
        elif state == "starting" and each.server.is_ready():
            again = "again " if each.failures else ""
            self._set_state(each, "ready", f"{each.server.name} is ready {again}after {now - each.started_at:.1f} s")

    def _restart(self, each: _Supervised) -> None:
        """A process that cannot be launched is tried again later; the rest of the platform continues meanwhile."""
        try:
            self._launch(each)
        except (ProcessFailed, OSError) as error:
            each.started_at = time.monotonic()
            self._schedule_restart(each, f"could not be started: {error}")

    def _schedule_restart(self, each: _Supervised, reason: str) -> None:
        now = time.monotonic()
        each.failures = 1 if now - each.started_at > STABLE_SECONDS else each.failures + 1
        delay = RESTART_DELAYS[min(each.failures, len(RESTART_DELAYS)) - 1]
        each.restart_at = now + delay
        self._set_state(each, "restarting", f"{each.server.name} {reason}; restart in {delay:g} s")

    def _stop_all(self) -> None:
        """Group by group, the last started first. In a group every server gets the stop request before the first is waited for."""
        self._write_status(phase=Phase.STOPPING, current_step="stopping")
        for step in reversed(self.steps):
            if not isinstance(step, Servers):
                continue
            for server in step.servers:
                server.request_stop()
            for server in step.servers:
                server.stop(STOP_SECONDS)
                self._set_state(self._supervised[server.name], "stopped", None)
        if self.status.error:
            self._write_status(phase=Phase.FAILED, current_step="")
        else:
            self.data.status_file.unlink(missing_ok=True)
        self.report("stopped")

    def _set_state(self, each: _Supervised, state: str, line: str | None) -> None:
        each.status.state = state
        self._write_status()
        if line:
            self.report(line)

    def _write_status(self, *, phase: Phase | None = None, current_step: str | None = None) -> None:
        self.status.phase = phase or self.status.phase
        self.status.current_step = self.status.current_step if current_step is None else current_step
        self.status.write(self.data.status_file)

    def _raise_if_stop_requested(self) -> None:
        if self._stop_requested:
            raise _StopRequested

    @contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        def request_stop(_number: int, _frame: FrameType | None) -> None:
            self._stop_requested = True

        before = {number: signal.signal(number, request_stop) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _was_killed(server: Server) -> bool:
    """True when a signal ended it: the cause is outside the server, so another attempt can succeed."""
    return server.exit_code is not None and server.exit_code < 0


@contextmanager
def exclusive(data: DataDirectory) -> Iterator[None]:
    """Locks the data directory for one supervisor and ends what an earlier one left running. Raises `AlreadyRunning`."""
    data.root.mkdir(parents=True, exist_ok=True)
    with data.lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"The platform in {data.root} is running already.") from error
        remove_leftovers(data)
        yield


def remove_leftovers(data: DataDirectory) -> None:
    """Ends the processes in the status file of a supervisor that could not end them itself, and all that these started.

    Returns when the system lists none of them any more: PostgreSQL takes a dead process that is still listed for one that runs.
    """
    status = PlatformStatus.read(data.status_file)
    handles = [each.handle for each in status.processes if each.handle] if status else []
    running = {handle: process for handle in handles if (process := handle.process())}
    for process in running.values():
        process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _wait_while(lambda: any(handle.process() for handle in running))
    for handle in running:
        with suppress(ProcessLookupError):
            os.killpg(handle.pid, signal.SIGKILL)  # each was started in a process group of its own
    _wait_while(lambda: any(handle.is_listed for handle in handles))
    data.status_file.unlink(missing_ok=True)


def _wait_while(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while condition() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
