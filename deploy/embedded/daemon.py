"""The supervisor as a process of its own: start it, follow its start, stop it.

`python -m deploy.embedded.daemon CHOICE` is that process (CHOICE as JSON); it works in `TRIPTYCH_HOME`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

from deploy.embedded import composition
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.ports import claim, release
from deploy.embedded.process import ProcessFailed, log_tail
from deploy.embedded.process_status import Phase, PlatformStatus
from deploy.embedded.state import UNCHANGED, StartOptions, State
from deploy.embedded.supervisor import Supervisor, exclusive, remove_leftovers

START_SECONDS = 300
STOP_SECONDS = 120


def platform_status(data: DataDirectory) -> PlatformStatus | None:
    """What the supervisor of this home wrote last; None when none runs."""
    board = PlatformStatus.read(data.status_file)
    return board if board is not None and board.supervisor.process() is not None else None


def prepare(data: DataDirectory, options: StartOptions = UNCHANGED) -> State:
    """Settles what the next start begins with, without starting: whoever puts links between must know the ports before.

    Raises `AlreadyRunning` while the platform runs, `ProcessFailed` when a link would lead nowhere.
    """
    with exclusive(data):
        state = composition.prepare(data, options)
        release(state.ports.values())  # to the process that will start
        return state


def run(data: DataDirectory, options: StartOptions, report: Callable[[str], None]) -> None:
    """Supervises until it is told to stop. Raises `AlreadyRunning`, `MissingServer` or `ProcessFailed`."""
    os.umask(0o077)  # bank files and logs are nobody else's
    with exclusive(data):
        try:
            if options.gateway_port is not None and not claim(options.gateway_port):
                raise ProcessFailed(f"Port {options.gateway_port} is taken.")
            if data.restore_staging.exists():
                raise ProcessFailed("A restore was broken off here. Run `triptych restore` again.")
            _, steps = composition.compose(data, options)
        except Exception as error:
            PlatformStatus.failed(str(error)).write(data.status_file)
            raise
        Supervisor(steps, data, report).run()


def start(
    data: DataDirectory, options: StartOptions = UNCHANGED, seen: Callable[[PlatformStatus], None] = lambda _: None
) -> PlatformStatus:
    """Starts the platform and returns once it is ready; `seen` is shown the progress. Does nothing when it runs already.

    Raises `ProcessFailed` with the reason when it does not come up.
    """
    board = platform_status(data)
    supervisor = _spawn(data, options) if board is None else None
    deadline = time.monotonic() + START_SECONDS
    while board is None or board.phase != Phase.READY:
        if board is not None:
            seen(board)
        elif supervisor is not None and supervisor.poll() is not None:
            raise ProcessFailed(_why_it_ended(data, supervisor.pid))
        if time.monotonic() > deadline:
            raise ProcessFailed(f"The platform was not ready within {START_SECONDS} s.\n{log_tail(data.log('supervisor'))}")
        time.sleep(0.1)
        board = platform_status(data)
    seen(board)
    return board


def _why_it_ended(data: DataDirectory, pid: int) -> str:
    last = PlatformStatus.read(data.status_file)
    if last is not None and last.supervisor.pid == pid and last.error:
        return last.error
    return log_tail(data.log("supervisor"))


def stop(data: DataDirectory) -> bool:
    """Stops the platform and whatever an earlier one left behind; False when none ran."""
    board = platform_status(data)
    supervisor = board.supervisor.process() if board else None
    if supervisor is not None:
        supervisor.terminate()
        try:
            supervisor.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            supervisor.kill()
    remove_leftovers(data)
    return supervisor is not None


def _spawn(data: DataDirectory, options: StartOptions) -> subprocess.Popen[bytes]:
    """In a session of its own: it outlives the terminal."""
    data.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.logs.mkdir(mode=0o700, exist_ok=True)
    command = [sys.executable, "-m", "deploy.embedded.daemon", options.model_dump_json()]
    with data.log("supervisor").open("ab") as log:
        return subprocess.Popen(
            command,
            env={**os.environ, "TRIPTYCH_HOME": str(data.root), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _report(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")


if __name__ == "__main__":
    run(DataDirectory.default(), StartOptions.model_validate_json(sys.argv[1]), _report)
