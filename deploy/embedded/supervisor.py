"""Starts the steps of a platform in order, keeps its processes running and stops them in the opposite order.

A process that dies is started again after a pause that grows with each death. The supervisor's own death, however it
comes, ends its children (see process.py); what it wrote on the board lets the next start remove anything left.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.process import ProcessFailed
from deploy.embedded.process_status import Phase, PlatformStatus, ProcessHandle, ProcessStatus
from deploy.embedded.servers import Server

READY_SECONDS = 120
STOP_SECONDS = 15
POLL_SECONDS = 0.1
PAUSES = (0.5, 1, 2, 5, 10, 30)
START_ATTEMPTS = 5
"""So often a start tries what stands on what was started before. That may go and come back unseen: PostgreSQL ends every session
when one of its processes is killed, and a link may be cut."""
CALM_SECONDS = 60
"""A process that ran this long is started again without a longer pause than after its first death."""


class AlreadyRunning(Exception):
    """Another supervisor holds this home."""


class _Stop(Exception):
    """Somebody asked the supervisor to end."""


@dataclass(frozen=True)
class Servers:
    """Servers that start side by side."""

    servers: tuple[Server, ...]


@dataclass(frozen=True)
class Task:
    """Something to do between two groups of servers."""

    name: str
    run: Callable[[], None]


Step = Servers | Task


@dataclass
class _Watched:
    server: Server
    entry: ProcessStatus
    started: float = 0
    start_again: float = 0
    deaths: int = field(default=0)


class Supervisor:
    """`report` is told, line by line, what happens."""

    def __init__(self, steps: Sequence[Step], data: DataDirectory, report: Callable[[str], None] = print) -> None:
        self.steps, self.data, self.report = steps, data, report
        servers = [server for step in steps if isinstance(step, Servers) for server in step.servers]
        self._watched = {server.name: _Watched(server, ProcessStatus(name=server.name, port=server.port)) for server in servers}
        self.board = PlatformStatus(supervisor=ProcessHandle.mine(), processes=[watched.entry for watched in self._watched.values()])
        self._begun: list[_Watched] = []
        self._stop_asked = False

    def run(self) -> None:
        """Returns when it was asked to stop (SIGTERM, SIGINT, SIGHUP) and everything has ended; to be called on the main thread.

        Raises `ProcessFailed` when a process does not come up. Nobody else may work in this home: see `exclusive`.
        """
        with self._listening_to_signals():
            try:
                self._start_all()
                self._watch()
            except _Stop:
                pass
            except Exception as error:
                self.board.error = str(error)
                raise
            finally:
                self._stop_all()

    def _start_all(self) -> None:
        for step in self.steps:
            if isinstance(step, Servers):
                self._start([self._watched[server.name] for server in step.servers])
            else:
                self._note(doing=step.name)
                self._do(step)
            self._check_stop()
        self._note(phase=Phase.READY, doing="")
        self.report("ready")

    def _start(self, group: list[_Watched]) -> None:
        self._note(doing=", ".join(watched.server.name for watched in group))
        for watched in group:
            self._launch(watched)
        waiting, deadline, disturbed = list(group), time.monotonic() + READY_SECONDS, False
        while waiting:
            if self._tend():
                disturbed, deadline = True, time.monotonic() + READY_SECONDS
            waiting = [watched for watched in waiting if not self._came_up(watched, disturbed=disturbed)]
            if waiting and time.monotonic() > deadline:
                raise ProcessFailed(f"{waiting[0].server.name} did not answer within {READY_SECONDS} s.\n{waiting[0].server.log_tail()}")
            self._check_stop()
            time.sleep(POLL_SECONDS)
        self._begun += group

    def _do(self, task: Task) -> None:
        """A task that fails is done again when what it stands on is there; at most START_TRIES times if nothing was seen to be away."""
        unseen = 0
        while True:
            pause = 0.0
            try:
                return task.run()
            except Exception as error:
                if not self._tend():
                    unseen += 1
                    if unseen == START_ATTEMPTS or not self._begun:
                        raise
                    pause = PAUSES[unseen - 1]
                    self.report(f"{task.name}: {type(error).__name__}; again in {pause:g} s")
            again = time.monotonic() + pause
            while self._tend() or time.monotonic() < again:
                self._check_stop()
                time.sleep(POLL_SECONDS)

    def _tend(self) -> bool:
        """Looks after what was started before. True while something of it is not ready."""
        for watched in self._begun:
            self._look_after(watched)
        return any(watched.entry.state != "ready" for watched in self._begun)

    def _launch(self, watched: _Watched) -> None:
        watched.server.start()
        watched.started = time.monotonic()
        watched.entry.state, watched.entry.handle = "starting", ProcessHandle.of(watched.server.pid or 0)
        self._note()

    def _came_up(self, watched: _Watched, *, disturbed: bool) -> bool:
        """False while it starts; raises when it has ended by itself instead, at last. What was killed, or lost what it stands on
        meanwhile (`disturbed`), is started again like any other."""
        server = watched.server
        tries_left = bool(self._begun) and watched.deaths < START_ATTEMPTS - 1
        if not (server.running or disturbed or tries_left or watched.entry.state == "restarting" or _was_killed(server)):
            raise ProcessFailed(f"{server.name} ended while it started.\n{server.log_tail()}")
        self._look_after(watched)
        return watched.entry.state == "ready"

    def _watch(self) -> None:
        while not self._stop_asked:
            time.sleep(POLL_SECONDS)
            for watched in self._watched.values():
                self._look_after(watched)

    def _look_after(self, watched: _Watched) -> None:
        now, state = time.monotonic(), watched.entry.state
        if state == "restarting":
            if now >= watched.start_again:
                watched.entry.restarts += 1
                self._launch_again(watched)
        elif not watched.server.running:
            watched.server.stop()  # what it forked and left behind
            self._put_off(watched, f"has ended ({watched.server.exit_code})")
        elif state == "starting" and watched.server.is_ready():
            again = "again " if watched.deaths else ""
            self._set(watched, "ready", f"{watched.server.name} is ready {again}after {now - watched.started:.1f} s")

    def _launch_again(self, watched: _Watched) -> None:
        """What cannot even be started is tried again later: the rest of the platform goes on meanwhile."""
        try:
            self._launch(watched)
        except (ProcessFailed, OSError) as error:
            watched.started = time.monotonic()
            self._put_off(watched, f"could not be started: {error}")

    def _put_off(self, watched: _Watched, why: str) -> None:
        now = time.monotonic()
        watched.deaths = 1 if now - watched.started > CALM_SECONDS else watched.deaths + 1
        pause = PAUSES[min(watched.deaths, len(PAUSES)) - 1]
        watched.start_again = now + pause
        self._set(watched, "restarting", f"{watched.server.name} {why}; again in {pause:g} s")

    def _stop_all(self) -> None:
        """Group by group, the last started first; within a group all are asked before any is waited for."""
        self._note(phase=Phase.STOPPING, doing="stopping")
        for step in reversed(self.steps):
            if not isinstance(step, Servers):
                continue
            for server in step.servers:
                server.request_stop()
            for server in step.servers:
                server.stop(STOP_SECONDS)
                self._set(self._watched[server.name], "stopped", None)
        if self.board.error:
            self._note(phase=Phase.FAILED, doing="")
        else:
            self.data.status_file.unlink(missing_ok=True)
        self.report("stopped")

    def _set(self, watched: _Watched, state: str, line: str | None) -> None:
        watched.entry.state = state
        self._note()
        if line:
            self.report(line)

    def _note(self, *, phase: Phase | None = None, doing: str | None = None) -> None:
        self.board.phase = phase or self.board.phase
        self.board.current_step = self.board.current_step if doing is None else doing
        self.board.write(self.data.status_file)

    def _check_stop(self) -> None:
        if self._stop_asked:
            raise _Stop

    @contextmanager
    def _listening_to_signals(self) -> Iterator[None]:
        def ask(_number: int, _frame: FrameType | None) -> None:
            self._stop_asked = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _was_killed(server: Server) -> bool:
    """Ended by a signal: by somebody else, so that another try may do better."""
    return server.exit_code is not None and server.exit_code < 0


@contextmanager
def exclusive(data: DataDirectory) -> Iterator[None]:
    """Holds the home for one supervisor, free of what an earlier one left. Raises `AlreadyRunning`."""
    data.root.mkdir(parents=True, exist_ok=True)
    with data.lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"The platform in {data.root} is running already.") from error
        remove_leftovers(data)
        yield


def remove_leftovers(data: DataDirectory) -> None:
    """Ends the processes that a supervisor wrote down and could not end itself, and what these had started. Returns when the system
    lists none of them any more: PostgreSQL takes a dead one that is still listed for another that runs."""
    board = PlatformStatus.read(data.status_file)
    handles = [entry.handle for entry in board.processes if entry.handle] if board else []
    left = {handle: process for handle in handles if (process := handle.process())}
    for process in left.values():
        process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _wait_while(lambda: any(handle.process() for handle in left))
    for handle in left:
        with suppress(ProcessLookupError):
            os.killpg(handle.pid, signal.SIGKILL)  # each was started in a process group of its own
    _wait_while(lambda: any(handle.is_listed for handle in handles))
    data.status_file.unlink(missing_ok=True)


def _wait_while(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while condition() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
