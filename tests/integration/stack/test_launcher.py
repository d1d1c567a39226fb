"""Programs that the launcher forks behave as if each had been started by `python -m`, and live on without it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from deploy.embedded import composition, launched
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.launched import Launcher
from deploy.embedded.linux import adopt_orphans, collect_orphans
from deploy.embedded.process import ProcessFailed
from deploy.embedded.process_status import Phase, PlatformStatus
from deploy.embedded.program import Program
from deploy.embedded.state import StartOptions
from tests.integration.stack.test_supervisor import SCRIPT, have_ended, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere programs are started one by one")

SAYS_WHO_IT_IS = """
import gc, json, os, random, secrets, signal, subprocess, sys, uuid
import shared.kernel.ids
import holder
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
print(json.dumps({
    "names": [__name__, sys.argv[0], os.getcwd()],
    "environment": dict(os.environ),
    "of children": subprocess.check_output(["env"], text=True),
    "imports": holder.IMPORTS,
    "random": [
        str(shared.kernel.ids.new_id()), str(uuid.uuid4()), random.random(), random.SystemRandom().random(), secrets.token_hex(),
        os.urandom(8).hex(), Ed25519PrivateKey.generate().private_bytes_raw().hex(),
    ],
    "open": sorted(os.readlink(f"/proc/self/fd/{each}") for each in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{each}")),
    "signals": [repr(handler) for handler in map(signal.getsignal, (2, 13, 15))],
    "gc": gc.isenabled(),
}))
"""
HOLDER = """
import os, shared.kernel.ids, cryptography.hazmat.primitives.asymmetric.ed25519
os.environ["SET_BY_AN_IMPORT"] = "x"
IMPORTS = os.getpid()
"""
SLEEPS = "import time, pathlib; pathlib.Path(f'ran-{time.monotonic_ns()}').touch(); print('sleeps'); time.sleep(600)"
RAISES = "import atexit; atexit.register(print, 'at the end'); print('begins'); raise LookupError('no such table')"


class Bench:
    """A launcher in a folder of modules, with this process as its supervisor."""

    def __init__(self, folder: Path) -> None:
        self.data = DataDirectory(folder)
        self.programs: list[Program] = []
        self.launcher = Launcher(folder, ["holder"], self.data.log("launcher"))
        self.module("holder", HOLDER)

    def module(self, name: str, code: str) -> str:
        (self.data.root / f"{name}.py").write_text(code)
        return name

    def start(self) -> "Bench":
        self.launcher.start()
        self.launcher.wait_ready()
        return self

    def run(self, name: str, code: str, environment: Mapping[str, str] | None = None) -> Program:
        module = self.module(name, code)
        program = Program(
            name, module, self.data, port=0, environment=lambda: environment or {}, ready_line="sleeps", launcher=self.launcher
        )
        self.programs.append(program)
        program.start()
        return program

    def said(self, name: str, environment: Mapping[str, str] | None = None) -> dict[str, object]:
        program = self.run(name, SAYS_WHO_IT_IS, environment)
        program.wait_ended()
        assert program.exit_code == 0, program.log_tail()
        assert program.notice == ""
        return dict(json.loads(program.log.read_text()))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    adopt_orphans(True)
    bench = Bench(tmp_path)
    yield bench
    for server in (*bench.programs, bench.launcher):
        server.stop(5)
    collect_orphans(())
    adopt_orphans(False)


def test_programs_share_imports_and_nothing_random(bench: Bench) -> None:
    bench.start()
    first, second = bench.said("first"), bench.said("second")
    assert first["imports"] == second["imports"] == bench.launcher.pid
    assert not set(first["random"]) & set(second["random"])  # type: ignore[call-overload]


def test_program_is_run_as_its_own_main_module(bench: Bench) -> None:
    said = bench.start().said("first")
    assert said["names"] == ["__main__", str(bench.data.root / "first.py"), str(bench.data.root)]
    assert said["open"] == sorted(["/dev/null", *[str(bench.data.log("first"))] * 2])
    assert said["signals"] == ["<built-in function default_int_handler>", "<Handlers.SIG_IGN: 1>", "<Handlers.SIG_DFL: 0>"]
    assert said["gc"] is True


def test_program_sees_only_its_own_environment(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_SUPERVISOR", "x")
    bench.start().said("first", {"TRIPTYCH_KEY": "key-of-the-first"})
    said = bench.said("second", {"TRIPTYCH_KEY": "key-of-the-second"})
    assert said["environment"] == launched.common_environment() | {"TRIPTYCH_KEY": "key-of-the-second", "TRIPTYCH_PORT": "0"}
    assert "key-of-the-second" in str(said["of children"])
    assert "key-of-the-first" not in json.dumps(said)
    assert "OF_THE_SUPERVISOR" not in json.dumps(said)


def test_secrets_are_never_in_the_launchers_memory(bench: Bench) -> None:
    """Every later program would have them. It is seen that the search finds what is there."""
    bench.start()
    program = bench.run("first", SLEEPS, {"TRIPTYCH_KEY": "key-of-the-first"})
    program.wait_ready()
    assert b"key-of-the-first" in memory_of(program.pid)
    assert b"key-of-the-first" not in memory_of(bench.launcher.pid)
    assert "key-of-the-first" not in "".join(log.read_text() for log in bench.data.logs.glob("*.log"))


def memory_of(pid: int | None) -> bytes:
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        content = b""
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            (begin, end), rights = (int(each, 16) for each in line.split()[0].split("-")), line.split()[1]
            if rights.startswith("rw"):
                memory.seek(begin)
                content += memory.read(end - begin)
    return content


@pytest.mark.parametrize(
    ("code", "status", "log"),
    [
        (RAISES, 1, ("begins", "Traceback", "LookupError: no such table", "at the end")),
        ("print('begins', end=''); raise SystemExit(3)", 3, ("begins",)),
        ("raise SystemExit('not configured')", 1, ("not configured",)),
        ("print('begins'); import os; os.kill(os.getpid(), 9)", -9, ("begins",)),
        ("import threading as t, time; t.Thread(target=lambda: (time.sleep(0.3), print('awaited'))).start()", 0, ("awaited",)),
    ],
)
def test_end_of_a_program_is_that_of_python(bench: Bench, code: str, status: int, log: tuple[str, ...]) -> None:
    program = bench.start().run("probe", code)
    program.wait_ended()
    assert program.exit_code == status
    assert all(text in program.log.read_text() for text in log), program.log.read_text()


def test_program_has_a_session_and_a_title_of_its_own(bench: Bench) -> None:
    """So a Ctrl-C in the terminal does not reach it, and it is found in a list of processes."""
    program = bench.start().run("probe", SLEEPS)
    program.wait_ready()
    pid = program.pid or 0
    assert os.getsid(pid) == os.getpgid(pid) == pid != os.getsid(0)
    assert psutil.Process(pid).cmdline()[0] == "triptych: probe"
    assert psutil.Process(pid).ppid() == os.getpid()
    program.stop()
    assert program.exit_code == -signal.SIGTERM


def test_programs_outlive_the_launcher(bench: Bench) -> None:
    program = bench.start().run("probe", SLEEPS)
    program.wait_ready()
    os.kill(bench.launcher.pid or 0, signal.SIGKILL)
    until(lambda: not bench.launcher.running)
    time.sleep(0.2)
    assert program.running
    other = bench.run("other", SLEEPS)
    assert "without the launcher" in other.notice
    other.wait_ready()
    assert psutil.Process(other.pid).cmdline()[1:] == ["-m", "other"]
    bench.start()
    assert bench.run("another", SLEEPS).notice == ""


@pytest.mark.parametrize(
    ("holder", "reason"),
    [
        ("import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", "it has 2 threads"),
        ("import socket; LISTENER = socket.create_server(('127.0.0.1', 0))", "it has open: socket"),
        ("import asyncio; LOOP = asyncio.new_event_loop()", "it has open: "),
    ],
)
def test_launcher_refuses_what_two_would_share(bench: Bench, holder: str, reason: str) -> None:
    bench.module("holder", holder)
    program = bench.start().run("probe", SLEEPS)
    program.wait_ready()
    assert f"is started without the launcher: {reason}" in program.notice
    assert psutil.Process(program.pid).cmdline()[1:] == ["-m", "probe"]


def test_variable_of_python_starts_a_python_of_its_own(bench: Bench) -> None:
    program = bench.start().run("probe", SLEEPS, {"PYTHONHASHSEED": "7"})
    assert "other values of PYTHONHASHSEED" in program.notice


def test_launcher_that_hangs_starts_nothing_later(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launched, "ANSWER_SECONDS", 0.3)
    os.kill(bench.start().launcher.pid or 0, signal.SIGSTOP)
    program = bench.run("probe", SLEEPS)
    program.wait_ready()
    assert "did not answer" in program.notice
    time.sleep(0.5)
    assert len(list(bench.data.root.glob("ran-*"))) == 1
    assert not bench.launcher.running


def test_process_without_its_order_ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the supervisor has given up in the moment of the answer."""

    def breaks(_: object) -> str:
        raise BrokenPipeError("given up")

    before = set(psutil.Process().children())
    monkeypatch.setattr(launched.json, "dumps", breaks)
    program = bench.start().run("probe", SLEEPS)
    assert "given up" in program.notice
    mine = {bench.launcher.pid, program.pid}
    until(lambda: have_ended([each for each in set(psutil.Process().children()) - before if each.pid not in mine]))
    program.wait_ready()
    assert len(list(bench.data.root.glob("ran-*"))) == 1


class Running:
    """A supervisor in a process of its own, with a launcher and a program that it forks."""

    def __init__(self, folder: Path, holder: str = HOLDER) -> None:
        self.data = DataDirectory(folder)
        (folder / "holder.py").write_text(holder)
        (folder / "sleeper.py").write_text(SLEEPS)
        self.output = folder / "report"
        with self.output.open("w") as output:
            self.supervisor = psutil.Popen([sys.executable, "-u", str(SCRIPT), str(folder), "launcher"], stdout=output)
        until(lambda: (status := PlatformStatus.read(self.data.status_file)) and status.phase == Phase.READY)
        self.all_processes = self.supervisor.children(recursive=True)

    def pid_of(self, name: str) -> int:
        status = PlatformStatus.read(self.data.status_file)
        return next((each.handle.pid for each in status.processes if each.name == name and each.handle), 0) if status else 0

    def states(self) -> set[str]:
        status = PlatformStatus.read(self.data.status_file)
        return {each.state for each in status.processes} if status else set()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(holder: str = HOLDER) -> Running:
        started.append(running := Running(tmp_path, holder))
        return running

    yield start
    for running in started:
        if running.supervisor.is_running():
            running.supervisor.kill()
        running.supervisor.wait(20)
        for process in running.all_processes:
            if process.is_running():
                process.kill()


def test_killed_supervisor_takes_launched_programs_along(running: Callable[..., Running]) -> None:
    platform = running()
    assert psutil.Process(platform.pid_of("sleeper")).cmdline()[0] == "triptych: sleeper"
    platform.supervisor.kill()
    until(lambda: have_ended(platform.all_processes), 5)


def test_supervisor_restarts_launcher_and_program(running: Callable[..., Running]) -> None:
    platform = running()
    before = {name: platform.pid_of(name) for name in ("launcher", "sleeper")}
    os.kill(before["launcher"], signal.SIGKILL)
    until(lambda: platform.pid_of("launcher") != before["launcher"] and platform.states() == {"ready"})
    assert platform.pid_of("sleeper") == before["sleeper"]
    os.kill(before["sleeper"], signal.SIGKILL)
    until(lambda: platform.pid_of("sleeper") != before["sleeper"] and platform.states() == {"ready"})
    assert psutil.Process(platform.pid_of("sleeper")).cmdline()[0] == "triptych: sleeper"
    assert "sleeper ended with status -9" in platform.output.read_text()
    until(lambda: not [each for each in platform.supervisor.children() if each.status() == psutil.STATUS_ZOMBIE])


def test_supervisor_collects_what_it_adopted(running: Callable[..., Running]) -> None:
    platform = running()
    orphan = "import os, subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(0.5)']).pid)"
    (platform.data.root / "sleeper.py").write_text(f"{orphan}\n{SLEEPS}")
    os.kill(before := platform.pid_of("sleeper"), signal.SIGKILL)
    until(lambda: platform.pid_of("sleeper") != before and platform.states() == {"ready"})
    os.kill(platform.pid_of("sleeper"), signal.SIGKILL)
    until(lambda: not [each for each in platform.supervisor.children() if each.status() == psutil.STATUS_ZOMBIE])


def test_platform_starts_without_a_launcher_that_fails(running: Callable[..., Running]) -> None:
    platform = running("raise LookupError('broken')")
    assert "sleeper is started without the launcher: it is not ready" in platform.output.read_text()
    assert psutil.Process(platform.pid_of("sleeper")).cmdline()[1:] == ["-m", "sleeper"]
    platform.supervisor.terminate()
    assert platform.supervisor.wait(20) == 0
    assert have_ended(platform.all_processes)


def test_failed_migration_is_reported_with_its_log(bench: Bench) -> None:
    """Here because there is no PostgreSQL."""
    state = composition.prepare(bench.data, StartOptions())
    with pytest.raises(ProcessFailed, match=r"(?s)portal-migrate ended with status 1.*Connect call failed"):
        composition.migrate_side_by_side(("portal",), state, bench.data, bench.start().launcher)
    assert state.owner_url("portal") not in bench.data.log("portal-migrate").read_text()


def test_command_of_the_launcher_ends_with_its_supervisor(tmp_path: Path) -> None:
    """Started by hand it ends: nobody could ask it for anything."""
    command = [sys.executable, "-m", "deploy.embedded.launcher", "0", "json"]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, cwd=tmp_path, capture_output=True, timeout=20, check=False).returncode != 0
