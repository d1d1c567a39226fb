"""The supervisor over stand-in processes: order, restart, clean stop, and no orphan however it ends."""

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
from tests.integration.stand_ins import Broken, Deaf, Leaning, Once, StandIn

SCRIPT = Path(__file__).with_name("stand_ins.py")


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def run_until_ready(supervisor: Supervisor, strike: Callable[[], None] = lambda: None) -> None:
    """Runs it here while another thread strikes, waits until everything is ready, and asks it to stop. Raises why a start failed."""

    def strike_and_stop() -> None:
        strike()
        until(lambda: supervisor.status.phase in (Phase.READY, Phase.FAILED))
        if supervisor.status.phase is Phase.READY:
            os.kill(os.getpid(), signal.SIGTERM)

    striker = threading.Thread(target=strike_and_stop)
    striker.start()
    supervisor.run()
    striker.join()


class Running:
    """A supervisor in a process of its own, over two stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.data = DataDirectory(folder)
        self.supervisor = psutil.Popen([sys.executable, str(SCRIPT), str(folder)], stdout=subprocess.DEVNULL)
        until(lambda: (status := self.status()) and status.phase == Phase.READY)
        self.family = self.supervisor.children(recursive=True)

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
    for process in running.family:
        if process.is_running():
            process.kill()


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def test_a_later_step_starts_when_the_earlier_answers(running: Running) -> None:
    assert (running.data.root / "between").read_text() == "True"
    assert len(running.family) == 4  # two stand-ins and the two children of the first


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_clean_stop_leaves_nothing(running: Running, number: signal.Signals) -> None:
    running.supervisor.send_signal(number)
    assert running.supervisor.wait(20) == 0
    assert gone(running.family)
    assert running.status() is None


def test_a_killed_supervisor_takes_its_processes_along(running: Running) -> None:
    direct = running.supervisor.children()
    running.supervisor.kill()
    until(lambda: gone(direct), 5)


def test_a_dead_process_is_started_again(running: Running) -> None:
    before = running.process_of("second")
    before.kill()
    until(lambda: running.state_of("second") == "restarting")
    until(lambda: running.state_of("second") == "ready")
    assert running.pid_of("second") != before.pid


def test_what_dies_while_the_platform_still_starts_is_started_again_and_so_is_what_it_took_along(tmp_path: Path) -> None:
    """The second stand-in answers only where the first does, and ends without it; the task before it fails without it."""
    data = DataDirectory(tmp_path)
    first, second = StandIn("first", data), Leaning("second", data)
    second.leans_on = first.port
    tries: list[bool] = []

    def between() -> None:
        tries.append(True)
        if len(tries) == 1:
            os.kill(first.pid or 0, signal.SIGKILL)
            until(lambda: not first.running)
            raise ConnectionError("the first is gone")

    def strike() -> None:
        until(lambda: second.running)
        os.kill(first.pid or 0, signal.SIGKILL)

    supervisor = Supervisor([Servers((first,)), Task("between", between), Servers((second,))], data)
    run_until_ready(supervisor, strike)
    assert len(tries) == 2
    assert {entry.name: entry.restarts for entry in supervisor.status.processes} == {"first": 2, "second": 1}


def test_what_is_killed_before_it_first_answers_is_started_again(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    slow = Leaning("slow", data)
    first = StandIn("first", data)
    slow.leans_on = first.port

    def strike() -> None:
        until(lambda: slow.running)
        os.kill(slow.pid or 0, signal.SIGKILL)

    supervisor = Supervisor([Servers((first,)), Servers((slow,))], data)
    run_until_ready(supervisor, strike)
    assert {entry.name: entry.restarts for entry in supervisor.status.processes} == {"first": 0, "slow": 1}


def test_a_process_that_cannot_even_be_started_again_is_tried_later_and_the_others_go_on(running: Running) -> None:
    hindrance = running.data.root / "hindrance"
    hindrance.touch()
    before = running.process_of("second")
    before.kill()
    until(lambda: running.restarts_of("second") == 2)
    assert running.state_of("first") == "ready"
    hindrance.unlink()
    until(lambda: running.state_of("second") == "ready")
    assert running.pid_of("second") != before.pid


def test_what_a_dead_process_had_forked_goes_before_it_is_started_again(running: Running) -> None:
    first = running.process_of("first")
    forked = first.children()
    first.kill()
    until(lambda: running.pid_of("first") != first.pid)
    assert len(forked) == 2
    assert gone(forked)


def test_only_one_supervisor_in_a_home(running: Running) -> None:
    with pytest.raises(AlreadyRunning), exclusive(running.data):
        pass


def test_the_next_supervisor_removes_what_the_last_one_left(running: Running, tmp_path: Path) -> None:
    left = running.process_of("second")
    running.supervisor.suspend()  # it neither stops its children nor dies; only its lock is taken from it
    running.data.lock_file.unlink()
    with exclusive(running.data):
        assert gone([left])


def test_a_process_that_does_not_start_fails_the_start_with_its_log(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    good, broken = StandIn("good", data), Broken("broken", data)
    with pytest.raises(ProcessFailed, match="no such table: calls"):
        Supervisor([Servers((good, broken))], data).run()
    assert not good.running
    status = PlatformStatus.read(data.status_file)
    assert status is not None
    assert status.phase == Phase.FAILED
    assert "broken ended" in status.error


def test_what_goes_and_comes_back_unseen_is_no_end_of_a_start(tmp_path: Path) -> None:
    """As PostgreSQL does when one of its sessions is killed: the first runs on, and what stands on it fails once all the same."""
    data = DataDirectory(tmp_path)
    first, second = StandIn("first", data), Once("second", data)
    tries: list[bool] = []

    def between() -> None:
        tries.append(first.running)
        if len(tries) == 1:
            raise ConnectionError("the connection was closed in the middle of an operation")

    supervisor = Supervisor([Servers((first,)), Task("between", between), Servers((second,))], data)
    run_until_ready(supervisor)
    assert tries == [True, True]
    assert {entry.name: entry.restarts for entry in supervisor.status.processes} == {"first": 0, "second": 1}


def test_what_fails_each_time_fails_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.embedded.supervisor.PAUSES", (0.1,) * START_ATTEMPTS)
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


def test_a_process_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    deaf = Deaf("deaf", DataDirectory(tmp_path))
    with deaf:
        started = time.monotonic()
        deaf.stop(timeout=0.5)
    assert not deaf.running
    assert time.monotonic() - started < 5


def test_what_is_dead_and_still_listed_is_waited_for(tmp_path: Path) -> None:
    """PostgreSQL would not start beside it: it takes the process of its lock file for one that runs."""
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
