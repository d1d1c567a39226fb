"""The supervisor with stand-in processes: order, restarts, a clean stop, and no process left however it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.process import ProcessFailed
from deploy.embedded.process_status import Phase, PlatformStatus, ProcessHandle, ProcessStatus
from deploy.embedded.supervisor import START_ATTEMPTS, AlreadyRunning, Servers, Supervisor, Task, exclusive, remove_leftovers
from tests.integration.stack.stand_ins import Broken, Dependent, FailsOnce, IgnoresStop, StandIn
from tests.support.processes import have_ended

SCRIPT = Path(__file__).with_name("stand_ins.py")


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.05)


def run_until_ready(supervisor: Supervisor, inject_fault: Callable[[], None] = lambda: None) -> None:
    """Runs the supervisor on this thread. Another thread injects a fault, waits until all is ready and requests the stop.

    Raises the error of a start that failed."""

    def inject_and_stop() -> None:
        inject_fault()
        until(lambda: supervisor.status.phase in (Phase.READY, Phase.FAILED))
        if supervisor.status.phase is Phase.READY:
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=inject_and_stop)
    thread.start()
    supervisor.run()
    thread.join()


class Running:
    """A supervisor in its own process, with two stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.data = DataDirectory(folder)
        self.supervisor = psutil.Popen([sys.executable, str(SCRIPT), str(folder)], stdout=subprocess.DEVNULL)
        until(lambda: (status := self.status()) and status.phase == Phase.READY)
        self.all_processes = self.supervisor.children(recursive=True)

    def status(self) -> PlatformStatus | None:
        return PlatformStatus.read(self.data.status_file)

    def state_of(self, name: str) -> str:
        status = self.status()
        return next(entry.state for entry in status.processes if entry.name == name) if status else "gone"

    def restarts_of(self, name: str) -> int:
        status = self.status()
        return next(entry.restarts for entry in status.processes if entry.name == name) if status else 0

    def pid_of(self, name: str) -> int:
        status = self.status()
        assert status is not None
        return next(entry.handle.pid for entry in status.processes if entry.name == name and entry.handle)

    def process_of(self, name: str) -> psutil.Process:
        return psutil.Process(self.pid_of(name))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    if running.supervisor.is_running():
        running.supervisor.resume()
        running.supervisor.terminate()
        running.supervisor.wait(20)
    for process in running.all_processes:
        if process.is_running():
            process.kill()


def test_step_starts_after_earlier_step_is_ready(running: Running) -> None:
    assert (running.data.root / "between").read_text() == "True"
    assert len(running.all_processes) == 4  # two stand-ins and the two children of the first


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_signal_ends_every_process(running: Running, number: signal.Signals) -> None:
    running.supervisor.send_signal(number)
    assert running.supervisor.wait(20) == 0
    assert have_ended(running.all_processes)
    assert running.status() is None


def test_killed_supervisor_leaves_no_children(running: Running) -> None:
    direct = running.supervisor.children()
    running.supervisor.kill()
    until(lambda: have_ended(direct), 5)


def test_killed_process_is_restarted(running: Running) -> None:
    before = running.process_of("second")
    before.kill()
    until(lambda: running.state_of("second") == "restarting")
    until(lambda: running.state_of("second") == "ready")
    assert running.pid_of("second") != before.pid


def test_server_killed_during_start_is_restarted_with_dependents(tmp_path: Path) -> None:
    """The second stand-in ends without the first, and the task between them fails without it."""
    data = DataDirectory(tmp_path)
    first, second = StandIn("first", data), Dependent("second", data)
    second.required_port = first.port
    tries: list[bool] = []

    def between() -> None:
        tries.append(True)
        if len(tries) == 1:
            os.kill(first.pid or 0, signal.SIGKILL)
            until(lambda: not first.running)
            raise ConnectionError("the first has ended")

    def inject_fault() -> None:
        until(lambda: second.running)
        os.kill(first.pid or 0, signal.SIGKILL)

    supervisor = Supervisor([Servers((first,)), Task("between", between), Servers((second,))], data)
    run_until_ready(supervisor, inject_fault)
    assert len(tries) == 2
    assert {entry.name: entry.restarts for entry in supervisor.status.processes} == {"first": 2, "second": 1}


def test_server_killed_before_ready_is_restarted(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    slow = Dependent("slow", data)
    first = StandIn("first", data)
    slow.required_port = first.port

    def inject_fault() -> None:
        until(lambda: slow.running)
        os.kill(slow.pid or 0, signal.SIGKILL)

    supervisor = Supervisor([Servers((first,)), Servers((slow,))], data)
    run_until_ready(supervisor, inject_fault)
    assert {entry.name: entry.restarts for entry in supervisor.status.processes} == {"first": 0, "slow": 1}


def test_process_that_cannot_restart_is_retried_later(running: Running) -> None:
    blocked = running.data.root / "blocked"
    blocked.touch()
    before = running.process_of("second")
    before.kill()
    until(lambda: running.restarts_of("second") == 2)
    assert running.state_of("first") == "ready"
    blocked.unlink()
    until(lambda: running.state_of("second") == "ready")
    assert running.pid_of("second") != before.pid


def test_forked_children_end_before_the_restart(running: Running) -> None:
    first = running.process_of("first")
    forked = first.children()
    first.kill()
    until(lambda: running.pid_of("first") != first.pid)
    assert len(forked) == 2
    assert have_ended(forked)


def test_second_supervisor_in_a_data_directory_is_refused(running: Running) -> None:
    with pytest.raises(AlreadyRunning), exclusive(running.data):
        pass


def test_next_supervisor_ends_leftover_processes(running: Running, tmp_path: Path) -> None:
    left = running.process_of("second")
    running.supervisor.suspend()  # it neither stops its children nor ends; only its lock is removed
    running.data.lock_file.unlink()
    with exclusive(running.data):
        assert have_ended([left])


def test_server_that_ends_fails_the_start_with_its_log(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    good, broken = StandIn("good", data), Broken("broken", data)
    with pytest.raises(ProcessFailed, match="no such table: calls"):
        Supervisor([Servers((good, broken))], data).run()
    assert not good.running
    status = PlatformStatus.read(data.status_file)
    assert status is not None
    assert status.phase == Phase.FAILED
    assert "broken ended" in status.error


def test_start_survives_one_failure_of_a_task_and_a_server(tmp_path: Path) -> None:
    """As when a session of PostgreSQL is killed: the first server keeps running, but what depends on it fails once."""
    data = DataDirectory(tmp_path)
    first, second = StandIn("first", data), FailsOnce("second", data)
    tries: list[bool] = []

    def between() -> None:
        tries.append(first.running)
        if len(tries) == 1:
            raise ConnectionError("the connection was closed in the middle of an operation")

    supervisor = Supervisor([Servers((first,)), Task("between", between), Servers((second,))], data)
    run_until_ready(supervisor)
    assert tries == [True, True]
    assert {entry.name: entry.restarts for entry in supervisor.status.processes} == {"first": 0, "second": 1}


def test_repeated_failure_fails_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.embedded.supervisor.RESTART_DELAYS", (0.1,) * START_ATTEMPTS)
    data = DataDirectory(tmp_path)
    first, broken = StandIn("first", data), Broken("broken", data)
    tries: list[bool] = []

    def between() -> None:
        tries.append(first.running)
        raise LookupError("no such table: calls")

    with pytest.raises(LookupError, match="no such table"):
        Supervisor([Servers((first,)), Task("between", between)], data).run()
    assert tries == [True] * START_ATTEMPTS
    supervisor = Supervisor([Servers((first,)), Servers((broken,))], data)
    with pytest.raises(ProcessFailed, match="no such table"):
        supervisor.run()
    assert {entry.name: entry.restarts for entry in supervisor.status.processes} == {"first": 0, "broken": START_ATTEMPTS - 1}


def test_process_that_ignores_the_stop_signal_is_killed(tmp_path: Path) -> None:
    stubborn = IgnoresStop("stubborn", DataDirectory(tmp_path))
    with stubborn:
        started = time.monotonic()
        stubborn.stop(timeout=0.5)
    assert not stubborn.running
    assert time.monotonic() - started < 5


def test_leftover_zombie_is_waited_for(tmp_path: Path) -> None:
    """PostgreSQL does not start while the pid of its lock file is listed."""
    data = DataDirectory(tmp_path)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    until(lambda: psutil.Process(dead.pid).status() == psutil.STATUS_ZOMBIE)
    handle = ProcessHandle.of(dead.pid)
    assert handle is not None
    assert handle.process() is None
    PlatformStatus(supervisor=ProcessHandle.mine(), processes=[ProcessStatus(name="postgres", port=1, handle=handle)]).write(
        data.status_file
    )
    waiting = threading.Thread(target=remove_leftovers, args=(data,))
    waiting.start()
    waiting.join(1)
    assert waiting.is_alive()
    dead.wait()
    waiting.join(5)
    assert not waiting.is_alive()
    assert not data.status_file.exists()
