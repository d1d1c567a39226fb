"""The supervisor as a background process: start it, follow its start, stop it.

`python -m deploy.embedded.daemon OPTIONS` is that process (OPTIONS: `StartOptions` as JSON). It works in `TRIPTYCH_HOME`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.ports import claim, release
from deploy.embedded.process import ProcessFailed, log_tail
from deploy.embedded.process_status import Phase, PlatformStatus
from deploy.embedded.state import UNCHANGED, StartOptions, State
from deploy.embedded.supervisor import Supervisor, exclusive, remove_leftovers

START_SECONDS = 300
STOP_SECONDS = 120


def platform_status(data: DataDirectory) -> PlatformStatus | None:
    """Returns what the running supervisor wrote last, None when none runs in this data directory."""
    status = PlatformStatus.read(data.status_file)
    return status if status is not None and status.supervisor.process() is not None else None


def prepare(data: DataDirectory, options: StartOptions = UNCHANGED) -> State:
    """Writes and returns the state for the next start without starting: a proxy needs the ports before the platform runs.

    Raises `AlreadyRunning` while the platform runs, and `ProcessFailed` as `prepare_state` does.
    """
    from deploy.embedded import composition  # who only starts the supervisor begins at once

    with exclusive(data):
        state = composition.prepare(data, options)
        release(state.ports.values())  # the process that starts the platform claims them
        return state


def run(data: DataDirectory, options: StartOptions, report: Callable[[str], None]) -> None:
    """Starts and supervises the platform until a stop is requested. Raises `AlreadyRunning`, `MissingServer` or `ProcessFailed`."""
    from deploy.embedded import composition

    os.umask(0o077)  # only the owner reads bank files and logs
    with exclusive(data):
        try:
            if options.gateway_port is not None and not claim(options.gateway_port):
                raise ProcessFailed(f"Port {options.gateway_port} is taken.")
            if data.restore_staging.exists():
                raise ProcessFailed("A restore into this data directory was interrupted. Run `triptych restore` again.")
            _, steps = composition.compose(data, options)
        except Exception as error:
            PlatformStatus.failed(str(error)).write(data.status_file)
            raise
        Supervisor(steps, data, report).run()


def start(
    data: DataDirectory, options: StartOptions = UNCHANGED, on_progress: Callable[[PlatformStatus], None] = lambda _: None
) -> PlatformStatus:
    """Starts the platform and returns once it is ready, calling `on_progress` meanwhile. Only waits when it is running already.

    Raises `ProcessFailed` with the reason when it does not start.
    """
    status = platform_status(data)
    supervisor = _spawn(data, options) if status is None else None
    deadline = time.monotonic() + START_SECONDS
    while status is None or status.phase != Phase.READY:
        if status is not None:
            on_progress(status)
        elif supervisor is not None and supervisor.poll() is not None:
            raise ProcessFailed(_failure_of(data, supervisor.pid))
        if time.monotonic() > deadline:
            raise ProcessFailed(f"The platform was not ready within {START_SECONDS} s.\n{log_tail(data.log('supervisor'))}")
        time.sleep(0.1)
        status = platform_status(data)
    on_progress(status)
    return status


def _failure_of(data: DataDirectory, pid: int) -> str:
    """Why the supervisor with this pid ended: its error in the status file, else the end of its log."""
    last = PlatformStatus.read(data.status_file)
    if last is not None and last.supervisor.pid == pid and last.error:
        return last.error
    return log_tail(data.log("supervisor"))


def stop(data: DataDirectory) -> bool:
    """Stops the platform and any processes that an earlier supervisor left. Returns False when no supervisor ran."""
    status = platform_status(data)
    supervisor = status.supervisor.process() if status else None
    if supervisor is not None:
        supervisor.terminate()
        try:
            supervisor.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            supervisor.kill()
    remove_leftovers(data)
    return supervisor is not None


def _spawn(data: DataDirectory, options: StartOptions) -> subprocess.Popen[bytes]:
    """Starts the supervisor in its own session, so that it survives the terminal."""
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
